import { type ReactNode, createContext, useContext, useEffect, useMemo, useSyncExternalStore } from 'react';

import { signedAddress } from '../api/signedAddress';
import { useServices } from '../app/Services';
import { Player, type PlayerState } from './player';

const Context = createContext<Player | null>(null);

export interface Props {
  readonly lectureId: string;
  readonly durationSec: number | null;
  /** Whether the recording is there. */
  readonly enabled: boolean;
  readonly children: ReactNode;
}

/** The player of one lecture, for its whole view. It is ended with the view. */
export function PlayerProvider({ lectureId, durationSec, enabled, children }: Props) {
  const { api, openMedia } = useServices();
  const player = useMemo(
    () =>
      openMedia === null || !enabled
        ? null
        : new Player(openMedia, { address: () => signedAddress(api, `/lectures/${lectureId}/audio`), durationSec }),
    [api, openMedia, enabled, lectureId, durationSec],
  );
  useEffect(() => () => player?.dispose(), [player]);
  return <Context.Provider value={player}>{children}</Context.Provider>;
}

/** Null where nothing can be played. */
export const usePlayer = (): Player | null => useContext(Context);

const nothing = () => () => undefined;

/** A part of the player's state; the view is rendered again when that part changes, not with every position. */
export function usePlayerState<T>(player: Player | null, select: (state: PlayerState) => T, otherwise: T): T {
  const read = () => (player === null ? otherwise : select(player.state.get()));
  return useSyncExternalStore(player?.state.subscribe ?? nothing, read, read);
}
