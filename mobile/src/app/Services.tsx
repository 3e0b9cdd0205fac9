import { createContext, useContext } from 'react';

import type { Account } from '../account/account';
import type { Api } from '../api/client';
import type { Device } from '../device/types';
import type { Media } from '../player/media.types';
import type { Settings } from '../settings/store';

/** What the views work with; made once in `App`, and with fakes in tests. */
export interface Services {
  readonly api: Api;
  readonly settings: Settings;
  readonly account: Account;
  /** Null where nothing can be recorded or stored. */
  readonly device: Device | null;
  /** Null where nothing can be played. */
  readonly openMedia: (() => Media) | null;
  /** The address that the build has, for the settings' help. */
  readonly builtInAddress: string;
  changeSettings(change: Partial<Settings>): Promise<void>;
}

const Context = createContext<Services | null>(null);

export const ServicesProvider = Context.Provider;

export function useServices(): Services {
  const services = useContext(Context);
  if (services === null) throw new Error('A view is outside of ServicesProvider.');
  return services;
}
