import { useState } from 'react';

import { newId } from '../api/ids';
import { useDevice } from '../device/hooks';
import { useHistory } from '../navigation/Navigation';

const LONGEST_TITLE = 300;

/** Copies a recording that the student chooses to this device's recordings, and goes on to naming it. */
export function useChooseFile(): { choose: () => void; busy: boolean; failed: boolean } {
  const history = useHistory();
  const { chooseFile, recordings } = useDevice();
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState(false);
  const choose = async () => {
    setFailed(false);
    const file = await chooseFile();
    if (file === null) return;
    setBusy(true);
    const recordingId = newId();
    try {
      await recordings.adopt(
        {
          id: recordingId,
          startedAt: new Date().toISOString(),
          contentType: file.contentType,
          course: null,
          title: file.name.replace(/\.[^.]{1,5}$/, '').slice(0, LONGEST_TITLE),
          seconds: 0,
          bytes: 0,
          marks: [],
          state: 'finished',
        },
        file.data,
      );
      history.push({ name: 'recording', recordingId });
    } catch {
      setFailed(true); // There is no room for it, or it cannot be read.
    } finally {
      setBusy(false);
    }
  };
  return { choose: () => void choose(), busy, failed };
}
