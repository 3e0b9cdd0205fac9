import { type ReactNode, createContext, useContext, useSyncExternalStore } from 'react';

import type { History } from './history';
import type { Route } from './routes';

const Navigation = createContext<History | null>(null);

export function NavigationProvider({ history, children }: { history: History; children: ReactNode }) {
  return <Navigation.Provider value={history}>{children}</Navigation.Provider>;
}

export function useHistory(): History {
  const history = useContext(Navigation);
  if (history === null) throw new Error('A view is outside of NavigationProvider.');
  return history;
}

export function useRoute(): Route {
  const history = useHistory();
  return useSyncExternalStore(history.subscribe, history.current, history.current);
}
