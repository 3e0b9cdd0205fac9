import { StyleSheet, View } from 'react-native';
import { useTranslation } from 'react-i18next';

import { Banner } from '../design/Banner';
import { Button } from '../design/Button';
import { Card } from '../design/Card';
import { Text } from '../design/Text';
import { space } from '../design/tokens';
import { useDevice, useRecordings, useUploads } from '../device/hooks';
import { fileSize } from '../i18n/format';
import { useHistory } from '../navigation/Navigation';
import { UploadStatus } from '../upload/UploadStatus';
import type { QueuedUpload } from '../upload/queue';
import { DiscardRecording } from './DiscardRecording';
import { factsOf } from './facts';
import type { Recording } from './types';

/** What is on this device: recordings that are not uploaded, uploads, and copies of what is safe on the server. */
export function DeviceRecordings() {
  const { t } = useTranslation();
  const recordings = useRecordings() ?? [];
  const uploads = new Map(useUploads().map((item) => [item.upload.id, item]));
  const isSafe = ({ id }: Recording) => uploads.get(id)?.upload.phase === 'confirmed';
  const safe = recordings.filter(isSafe);
  const open = recordings.filter((recording) => recording.state !== 'recording' && !isSafe(recording));
  if (safe.length === 0 && open.length === 0) return null;
  return (
    <View style={styles.list}>
      <Text as="heading" level={2}>
        {t('library.onDevice')}
      </Text>
      {open.map((recording) => (
        <OnDevice key={recording.id} recording={recording} upload={uploads.get(recording.id) ?? null} />
      ))}
      {safe.length === 0 ? null : <Copies recordings={safe} />}
    </View>
  );
}

function OnDevice({ recording, upload }: { recording: Recording; upload: QueuedUpload | null }) {
  const { t, i18n } = useTranslation();
  const history = useHistory();
  const interrupted = recording.state === 'interrupted';
  return (
    <Card {...(interrupted ? { accent: 'mark' as const } : {})}>
      <View style={styles.text}>
        <Text as="label">{recording.title ?? t('common.untitled')}</Text>
        <Text as="caption" tone="soft">
          {factsOf(t, recording, i18n.language)}
        </Text>
      </View>
      {upload === null ? (
        <>
          <Text tone={interrupted ? 'mark' : 'soft'}>{interrupted ? t('record.interrupted') : t('record.waits')}</Text>
          <View style={styles.buttons}>
            <Button
              label={t('record.keep')}
              onPress={() => history.push({ name: 'recording', recordingId: recording.id })}
            />
            <DiscardRecording recording={recording} />
          </View>
        </>
      ) : (
        <>
          <UploadStatus item={upload} />
          <View style={styles.buttons}>
            <Button
              label={t('name.follow')}
              onPress={() => history.push({ name: 'lecture', lectureId: recording.id })}
            />
            {upload.upload.phase === 'failed' ? <DiscardRecording recording={recording} /> : null}
          </View>
        </>
      )}
    </Card>
  );
}

/** The server has confirmed these; they stay here as long as the student wants. */
function Copies({ recordings }: { recordings: readonly Recording[] }) {
  const { t, i18n } = useTranslation();
  const device = useDevice();
  const bytes = recordings.reduce((sum, recording) => sum + recording.bytes, 0);
  const remove = async () => {
    for (const { id } of recordings) {
      await device.uploads.remove(id);
      await device.recordings.delete(id);
    }
  };
  return (
    <Banner
      kind="safe"
      title={t('upload.safe')}
      detail={t('upload.copies', { count: recordings.length, size: fileSize(bytes, i18n.language) })}
      action={{ label: t('upload.remove'), onPress: () => void remove() }}
    />
  );
}

const styles = StyleSheet.create({
  list: { gap: space.m },
  text: { gap: space.xs },
  buttons: { flexDirection: 'row', flexWrap: 'wrap', gap: space.s },
});
