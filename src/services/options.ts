import type { DefaultChange } from './default-change.ts'

/** The source's value of an option, from the first of these sections that has it. */
export type AskSource = (sections: readonly string[], name: string) => string | undefined

/** A new value; `look`: an operator should look at it. */
export interface Changed {
  readonly value: string
  readonly look?: true
}

/**
 * Values that lost their meaning while the option stayed. Names are the target's; applies when the target's release is
 * `since` or newer. `look`: what an operator should know, because something is no longer done.
 */
export interface ValueRule {
  /** a project, or * */
  readonly project: string
  /** sections (separated by |, * for any) and names (separated by blanks; * as wildcard) */
  readonly section: string
  readonly options: string
  readonly since: string
  readonly reason: string
  readonly look?: true
  /** the target has nothing for it, and data or users depend on it: what to do before the swap; a check asks for it */
  readonly stops?: string
  /** what is removed is the default now: if nothing is left, nobody need look */
  readonly isDefault?: true
  /** options with a secret's name that hold none: [auth] password names a plugin */
  readonly noSecret?: true
  /** words removed from a list, given literally or as a pattern */
  readonly without?: readonly (string | RegExp)[]
  /** replacements for whole values or words of a list */
  readonly replace?: readonly (readonly [RegExp, string])[]
  /**
   * a change that no pattern can express; undefined: no change. Gets the option's name and access to the source's other
   * options.
   */
  readonly change?: (value: string, option: string, ask: AskSource) => Changed | undefined
}

/**
 * [projects or *, sections (separated by |; <backend>: a volume backend's; *: any), old name, new section, new name,
 * why]. <backend> and * as the new section: the same one.
 */
export type Move = readonly [string, string, string, string, string, string]

/**
 * [projects or *, sections, names, why, look?]: no longer needed. `look`: something changes that an operator should
 * know about.
 */
export type Gone = readonly [string, string, string, string, 'look'?]

export interface Made {
  readonly section: string
  readonly name: string
  readonly value: string
}

/**
 * Several old options that together become new ones. Applies when the source has one of `uses` that the target does not
 * know.
 */
export interface Composition {
  readonly project: string
  readonly sections: readonly string[]
  readonly uses: readonly string[]
  /** if the source has this option, the old ones were already ignored */
  readonly unless: readonly (readonly [section: string, name: string])[]
  readonly reason: string
  make(ask: AskSource): readonly Made[]
}

/** Options that a release needs and an older source may lack. */
export interface Addition {
  readonly project: string
  /** index of the first target release that needs it */
  readonly since: number
  /** only for a source older than this, whose default differed; an unknown release counts as older */
  readonly before?: number
  /** only if this option is present */
  readonly beside?: readonly [section: string, option: string]
  /** an operator should look at it */
  readonly look?: true
  /** not added when the source sets this option */
  readonly unless: readonly [section: string, option: string]
  readonly section: string
  readonly set: Readonly<Record<string, string>>
  /** an option derived from another one's value, if that is set; undefined: it cannot be derived */
  readonly derive?: {
    readonly from: readonly [section: string, option: string]
    readonly option: string
    readonly change: (value: string) => string | undefined
  }
  /** options of another section copied unchanged, if set */
  readonly copy?: { readonly from: string; readonly options: readonly string[] }
  readonly reason: string
}

/** Former default of an option that is gone and to which other values refer. */
export interface GoneDefault {
  readonly project: string
  readonly section: string
  readonly name: string
  readonly value: string
}

/**
 * Options whose words are names of entry points, with the entry point groups. <section>, <word>: replaced by those in
 * the file.
 */
export interface Imported {
  readonly project: string
  readonly section: string
  readonly option: string
  readonly group: string
  /**
   * the entry point's name is not the word itself, but the value of this section's option of that name, or else
   * `otherwise`
   */
  readonly named?: { readonly section: string; readonly otherwise: string }
}

/**
 * Sections that a file defines itself. `by`: an option that lists their names ('lvm, ceph' or 'fast:rbd,slow:file'), in
 * one section or any (*); `named`: a pattern of their names. `like`: sections of the metadata that describe them; none:
 * any option is allowed.
 */
export interface DynamicSection {
  readonly by?: readonly [section: string, option: string]
  readonly named?: RegExp
  readonly like: readonly string[]
}

/** Options of `section` whose names another option lists. */
export interface DynamicOptions {
  readonly by: readonly [section: string, option: string]
  readonly section: string
}

/** What swapctl knows of a service's old options, in addition to the target's packages. */
export interface OptionRules {
  /**
   * The generated table of options that 2025.1 reads in this service's files: section, tab, names separated by blanks.
   * A name ends with * (multi-valued), ! (a secret), - (to be removed later); 'old=section.new' is an alias, 'old=.new'
   * one in the same section.
   */
  readonly known: string
  /**
   * The generated table of removed options, this service's and its libraries': project, first release without the name
   * (alias included), section, names; separated by tabs, names by blanks. 'old=section.new' became another option;
   * 'old=.new' one in the same section. '<backend>' is any section of a volume backend.
   */
  readonly removed?: string
  /** projects in that table whose options are in this service's file besides its own */
  readonly libraries?: readonly string[]
  /** projects in that table whose options are in every service's file */
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
  /** sections that accept options which are on no list: the plugin chosen by auth_type has its own */
  readonly open?: readonly string[]
}
