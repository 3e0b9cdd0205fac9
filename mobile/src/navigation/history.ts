import type { Route } from './routes';

/** Where the app has been. On the web it is the browser's; on phones it is kept here and fed by deep links. */
export interface History {
  current(): Route;
  push(route: Route): void;
  replace(route: Route): void;
  /** Goes back if there is something to go back to; otherwise to `parent`. */
  back(parent: Route): void;
  subscribe(changed: () => void): () => void;
  /** For links: the address of a place. */
  href(route: Route): string;
}
