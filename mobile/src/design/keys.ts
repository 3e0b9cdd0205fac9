import { Platform } from 'react-native';

interface KeyEvent {
  readonly key: string;
  readonly target: unknown;
  readonly currentTarget: unknown;
  preventDefault(): void;
}

/** Properties of a view that reacts to keys; React Native has none, browsers do. */
export const onKeys = (handle: (event: KeyEvent) => void): object =>
  Platform.OS === 'web' ? { onKeyDown: handle } : {};

/**
 * Moves the focus among the controls of a list, of which only one is in the order of the Tab key.
 *
 * `role` finds the controls; `back` and `on` are the keys that lead to the one before and behind.
 */
export function movesFocus(role: string, back: string, on: string): (event: KeyEvent) => void {
  return (event) => {
    const step = event.key === on ? 1 : event.key === back ? -1 : 0;
    const { currentTarget, target } = event;
    if (step === 0 || !(currentTarget instanceof HTMLElement) || !(target instanceof HTMLElement)) return;
    const controls = Array.from(currentTarget.querySelectorAll<HTMLElement>(`[role=${role}]`));
    const next = controls[controls.indexOf(target) + step];
    if (next === undefined) return;
    event.preventDefault();
    next.focus();
  };
}
