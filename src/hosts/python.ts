/** Shell word: python3, or what older systems call it. */
const interpreter = '"$(command -v python3 || command -v python || echo /usr/libexec/platform-python)"'

/** Shell text that runs a Python program from stdin. */
export const python = `${interpreter} -`

/** Shell text that runs this program with the shell's arguments; stdin stays free for the program's input. */
export const pythonWith = (program: string): string =>
  `exec ${interpreter} -c "$(cat <<'PYTHON'\n${program}\nPYTHON\n)" "$@"`
