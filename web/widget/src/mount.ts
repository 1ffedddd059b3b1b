/** What the loader and the panel know of each other. */

/** What the loader hands to the panel. */
export interface Mount {
  /** Folder that serves widget.js, with a trailing slash: API and assets are found below it. */
  base: string;
  workspaceKey: string;
  /** From data-locale on the script tag. */
  locale: string | undefined;
  root: ShadowRoot;
  button: HTMLButtonElement;
  badge: HTMLElement;
  paint: (look?: Look) => void;
}

/** What a panel bundle exports. */
export interface PanelModule {
  start(mount: Mount): Promise<Panel>;
}

/** A running panel. */
export interface Panel {
  run(command: string, args: unknown[]): Promise<unknown>;
}

/** How the launcher looks, as the workspace has it. */
export interface Look {
  color: string;
  position: string;
}

/** Start of every localStorage key; what follows is the workspace key. */
export const STORE = 'botimum:';
