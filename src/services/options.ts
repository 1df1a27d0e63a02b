import type { DefaultChange } from './default-change.ts'

/** The value that the source gives to an option, of the first of these sections that has it. */
export type AskSource = (sections: readonly string[], name: string) => string | undefined

/** A new value; `look`: an operator should see it. */
export interface Changed {
  readonly value: string
  readonly look?: true
}

/**
 * Values that lost their meaning while the option stayed. Names are the target's; they apply when the target's release is
 * `since` or newer. `look`: what an operator should see, because something is no longer done.
 */
export interface ValueRule {
  /** a project, or * */
  readonly project: string
  /** sections (| between several, * for any) and names (blanks between; * stands for anything) */
  readonly section: string
  readonly options: string
  readonly since: string
  readonly reason: string
  readonly look?: true
  /** what is left out has become the default: nobody need look when nothing is left */
  readonly isDefault?: true
  /** these options are named like a secret and hold none: [auth] password is the name of a plugin */
  readonly noSecret?: true
  /** words taken out of a list: themselves, or what they look like */
  readonly without?: readonly (string | RegExp)[]
  /** a whole value or word of a list: what it looks like, and what takes its place */
  readonly replace?: readonly (readonly [RegExp, string])[]
  /** what no pattern can say; undefined: nothing to say. The option's own name and the source's other options help. */
  readonly change?: (value: string, option: string, ask: AskSource) => Changed | undefined
}

/**
 * [projects or *, sections (| between several; <backend>: a volume backend's; *: any), old name, new section, new name, why].
 * <backend> and * as the new section: the same one.
 */
export type Move = readonly [string, string, string, string, string, string]

/** [projects or *, sections, names, why, look?]: no longer needed. `look`: something changes that an operator should see. */
export type Gone = readonly [string, string, string, string, 'look'?]

export interface Made {
  readonly section: string
  readonly name: string
  readonly value: string
}

/** Several old options that together make new ones. Applies when the source has one of `uses` that the target does not know. */
export interface Composition {
  readonly project: string
  readonly sections: readonly string[]
  readonly uses: readonly string[]
  /** an option that, when the source has it, was in force already: the old ones were not read */
  readonly unless: readonly (readonly [section: string, name: string])[]
  readonly reason: string
  make(ask: AskSource): readonly Made[]
}

/** Options that a release needs and an older source may not have. */
export interface Addition {
  readonly project: string
  /** index of the first target release that needs it */
  readonly since: number
  /** only for a source older than this: its own default was another; a source of unknown release counts as older */
  readonly before?: number
  /** only beside this option */
  readonly beside?: readonly [section: string, option: string]
  /** an operator should look at it */
  readonly look?: true
  /** not added when the source gives this option itself */
  readonly unless: readonly [section: string, option: string]
  readonly section: string
  readonly set: Readonly<Record<string, string>>
  /** an option made of another one's value, where that is set; undefined: nothing can be made of it */
  readonly derive?: {
    readonly from: readonly [section: string, option: string]
    readonly option: string
    readonly change: (value: string) => string | undefined
  }
  /** options of another section taken over as they are, where they are set */
  readonly copy?: { readonly from: string; readonly options: readonly string[] }
  readonly reason: string
}

/** What an option was when nobody set it, of options that are gone and that other values refer to. */
export interface GoneDefault {
  readonly project: string
  readonly section: string
  readonly name: string
  readonly value: string
}

/** Options whose words are names of entry points: the groups that have them. <section>, <word>: as they are in the file. */
export interface Imported {
  readonly project: string
  readonly section: string
  readonly option: string
  readonly group: string
  /** the entry point is not called as the word, but as this section's option of that name says, or else as `otherwise` */
  readonly named?: { readonly section: string; readonly otherwise: string }
}

/**
 * Sections that a file names itself. `by`: an option whose list gives their names ('lvm, ceph' or 'fast:rbd,slow:file'),
 * in a section or in any (*); `named`: a pattern of their names. `like`: sections of the metadata that describe them; none:
 * anything may stand there.
 */
export interface DynamicSection {
  readonly by?: readonly [section: string, option: string]
  readonly named?: RegExp
  readonly like: readonly string[]
}

/** Options of `section` that another option's list names. */
export interface DynamicOptions {
  readonly by: readonly [section: string, option: string]
  readonly section: string
}

/** What swapctl knows of a service's old options, beside what the target's packages tell of them. */
export interface OptionRules {
  /**
   * The generated table of the options that 2025.1 reads in this service's files: section, tab, names with blanks between. A
   * name ends with * (its lines make a list), ! (a secret), - (to be removed later); 'old=section.new' is another name for it,
   * 'old=.new' one in the same section.
   */
  readonly known: string
  /**
   * The generated table of options that are gone, this service's and its libraries': project, first release without the name
   * (alias included), section, names; all by tabs, names by blanks. 'old=section.new' became another option; 'old=.new' one
   * in the same section. '<backend>' is any section of a volume backend.
   */
  readonly removed?: string
  /** projects of that table whose options stand in this service's file besides its own */
  readonly libraries?: readonly string[]
  /** projects of that table whose options stand in every service's file */
  readonly everywhere?: readonly string[]
  readonly defaults?: readonly DefaultChange[]
  readonly moves?: readonly Move[]
  readonly gone?: readonly Gone[]
  readonly values?: readonly ValueRule[]
  readonly compositions?: readonly Composition[]
  readonly additions?: readonly Addition[]
  readonly goneDefaults?: readonly GoneDefault[]
  readonly imported?: readonly Imported[]
  readonly sections?: readonly DynamicSection[]
  readonly dynamic?: readonly DynamicOptions[]
  /** sections that take options which no list of options names: the plugin chosen by auth_type brings its own */
  readonly open?: readonly string[]
}
