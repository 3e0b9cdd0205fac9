import type { Recorder } from '../record/types';

/** While it records the screen stays on, and the browser asks before the page is closed. */
export function keepAwake(recorder: Recorder): void {
  let held: WakeLockSentinel | null = null;
  let active = false;

  const request = async () => {
    if (!active || held !== null || document.visibilityState !== 'visible') return;
    try {
      held = await navigator.wakeLock.request('screen');
      held.onrelease = () => (held = null);
      if (!active) await held.release();
    } catch {
      // The browser has no such lock, or refuses it on a low battery: recording goes on without it.
    }
  };
  const ask = (event: BeforeUnloadEvent) => event.preventDefault();

  recorder.subscribe(() => {
    const now = recorder.get().recordingId !== null;
    if (now === active) return;
    active = now;
    if (active) {
      window.addEventListener('beforeunload', ask);
      void request();
    } else {
      window.removeEventListener('beforeunload', ask);
      void held?.release();
    }
  });
  document.addEventListener('visibilitychange', () => void request());
}
