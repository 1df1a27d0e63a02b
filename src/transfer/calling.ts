import { pythonWith } from '../hosts/python.ts'
import { programText } from '../text/program.ts'

/** A shell program of this folder that can call a Python program of it by a name, with its own input. */
export const calling = (call: string, program: string, name: string): string =>
  [`${call}() (`, pythonWith(programText(program, import.meta.url)), ')', programText(name, import.meta.url)].join('\n')
