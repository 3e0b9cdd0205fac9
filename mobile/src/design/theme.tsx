import { type ReactNode, createContext, useContext } from 'react';
import { useColorScheme } from 'react-native';

import { type Palette, dark, light } from './tokens';

const Theme = createContext<Palette>(light);

/** The palette that the device asks for, or the one that the caller chose. */
export function ThemeProvider({ scheme, children }: { scheme?: 'light' | 'dark'; children: ReactNode }) {
  const device = useColorScheme();
  return <Theme.Provider value={(scheme ?? device) === 'dark' ? dark : light}>{children}</Theme.Provider>;
}

export const usePalette = (): Palette => useContext(Theme);
