/** python3 where there is one, otherwise what older systems call it: a word of a shell. */
const interpreter = '"$(command -v python3 || command -v python || echo /usr/libexec/platform-python)"'

/** The program comes over stdin. */
export const python = `${interpreter} -`

/** Shell text that runs this program, with the shell's arguments; stdin is free for what the program reads. */
export const pythonWith = (program: string): string =>
  `exec ${interpreter} -c "$(cat <<'PYTHON'\n${program}\nPYTHON\n)" "$@"`
