import type { History } from './history';
import { type Route, pathOf, routeOf, withinBase } from './routes';

interface Entry {
  /** Entries of the app below this one in the browser's history. */
  readonly depth: number;
}

const isEntry = (state: unknown): state is Entry =>
  typeof state === 'object' && state !== null && 'depth' in state && typeof state.depth === 'number';

export function createHistory(base = process.env.EXPO_BASE_URL ?? ''): History {
  const root = base.replace(/\/+$/, '');
  const listeners = new Set<() => void>();
  const read = (): Route => routeOf((withinBase(window.location.pathname, root) ?? '/') + window.location.search);
  const href = (route: Route) => root + pathOf(route);
  const depth = () => (isEntry(window.history.state) ? window.history.state.depth : 0);
  let current = read();

  const update = () => {
    const found = read();
    // The same place stays the same object, as subscribers compare it.
    if (pathOf(found) !== pathOf(current)) current = found;
    listeners.forEach((changed) => changed());
  };

  return {
    current: () => current,
    href,
    push(route) {
      if (pathOf(route) === pathOf(current)) return;
      window.history.pushState({ depth: depth() + 1 } satisfies Entry, '', href(route));
      window.scrollTo(0, 0);
      update();
    },
    replace(route) {
      window.history.replaceState({ depth: depth() } satisfies Entry, '', href(route));
      update();
    },
    back(parent) {
      if (depth() > 0) window.history.back();
      else this.replace(parent);
    },
    subscribe(changed) {
      if (listeners.size === 0) window.addEventListener('popstate', update);
      listeners.add(changed);
      return () => {
        listeners.delete(changed);
        if (listeners.size === 0) window.removeEventListener('popstate', update);
      };
    },
  };
}
