/** Made by tools/gone-options.mjs from the option definitions of every release tag; not to be edited. */
export const placementGoneOptions = `
placement	wallaby	placement	policy_file
`
