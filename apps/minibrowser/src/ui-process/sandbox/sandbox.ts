// What a sandbox is to the launcher: a way to turn "run this entry file with Node" into the command that does so with
// fewer rights. One file per kind beside this one. Upstream: WebKit/UIProcess/Launcher/glib/.

/** A Node program with one self-contained entry file. */
export interface SandboxedProgram {
  /** Path of the Node binary. */
  readonly node: string
  /** Options of Node, besides those the sandbox is made of. */
  readonly nodeOptions: readonly string[]
  readonly entryFile: string
  readonly args: readonly string[]
}

export interface SandboxCommand {
  readonly file: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /**
   * Descriptor on which the sandbox tells, as JSON with `child-pid`, which process it started; `null` when the command
   * itself becomes the program.
   */
  readonly infoDescriptor: number | null
}

export interface Sandbox {
  /** As reported to the user, such as `permission-model+bubblewrap`. */
  readonly name: string
  command(program: SandboxedProgram): SandboxCommand
}
