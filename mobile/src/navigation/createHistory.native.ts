import { BackHandler, Linking } from 'react-native';

import type { History } from './history';
import { type Route, parentOf, pathOf, routeOf } from './routes';

const SCHEME = 'pegasus://';

/** A stack in memory. Deep links (`pegasus://lectures/ID`) and Android's back button act on it. */
export function createHistory(): History {
  const listeners = new Set<() => void>();
  let stack: readonly Route[] = [{ name: 'library' }];
  const current = () => stack[stack.length - 1] ?? { name: 'library' };
  const set = (next: readonly Route[]) => {
    stack = next;
    listeners.forEach((changed) => changed());
  };

  const history: History = {
    current,
    href: (route) => SCHEME + pathOf(route).slice(1),
    push(route) {
      if (pathOf(route) !== pathOf(current())) set([...stack, route]);
    },
    replace(route) {
      set([...stack.slice(0, -1), route]);
    },
    back(parent) {
      set(stack.length > 1 ? stack.slice(0, -1) : [parent]);
    },
    subscribe(changed) {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
  };

  const open = (url: string | null) => {
    if (url?.startsWith(SCHEME)) history.push(routeOf(`/${url.slice(SCHEME.length)}`));
  };
  void Linking.getInitialURL().then(open);
  Linking.addEventListener('url', ({ url }) => open(url));
  BackHandler.addEventListener('hardwareBackPress', () => {
    const parent = parentOf(current());
    if (stack.length === 1 && parent === null) return false; // Leaves the app.
    history.back(parent ?? { name: 'library' });
    return true;
  });
  return history;
}
