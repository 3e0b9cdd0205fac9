import { useTranslation } from 'react-i18next';

import { Button } from '../design/Button';
import { useDevice, useRecorderState } from '../device/hooks';
import { clock } from '../i18n/format';
import { useHistory } from '../navigation/Navigation';

/** Starts a recording with one press; leads back to the one under way. */
export function RecordButton({ grow }: { grow: boolean }) {
  const { t } = useTranslation();
  const history = useHistory();
  const { recorder } = useDevice();
  const { recordingId, seconds } = useRecorderState();
  return (
    <Button
      grow={grow}
      kind="record"
      icon="record"
      label={recordingId === null ? t('library.record') : t('library.recording', { time: clock(seconds) })}
      onPress={() => {
        void recorder.start(); // Does nothing while it records.
        history.push({ name: 'record' });
      }}
    />
  );
}
