/** The placeholder for a secret. */
export const hidden = '[REDACTED]'
