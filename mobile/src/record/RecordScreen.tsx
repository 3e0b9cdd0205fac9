import { useEffect, useState } from 'react';
import { StyleSheet, View } from 'react-native';
import { useTranslation } from 'react-i18next';

import { Banner } from '../design/Banner';
import { Button } from '../design/Button';
import { Glyph } from '../design/Glyph';
import { Tag } from '../design/Choice';
import { LevelMeter } from '../design/LevelMeter';
import { Screen } from '../design/Screen';
import { Text } from '../design/Text';
import { space } from '../design/tokens';
import { useDevice, useRecorderState } from '../device/hooks';
import { clock, roughly } from '../i18n/format';
import { useHistory } from '../navigation/Navigation';
import type { RecorderState } from './types';

/** Bytes that a second of recording takes (64 kbit/s). */
const BYTES_PER_SECOND = 8_000;
const LOW_SECONDS = 15 * 60;
/** More room than a day of lectures needs is not worth a word. */
const AMPLE_SECONDS = 12 * 3600;
const ROOM_REFRESH_MS = 30_000;
/** As many marks as fit; the number of all is in words. */
const SHOWN_MARKS = 6;

export default function RecordScreen() {
  const { t } = useTranslation();
  const history = useHistory();
  const { recorder } = useDevice();
  const state = useRecorderState();
  const active = state.recordingId !== null;

  const finish = async () => {
    const id = await recorder.finish();
    history.replace(id === null ? { name: 'library' } : { name: 'recording', recordingId: id });
  };

  return (
    <Screen
      title={t('record.title')}
      back={{ label: t('common.back'), onPress: () => history.back({ name: 'library' }) }}
      actions={active ? <Light state={state} /> : null}
      footer={active ? <Controls state={state} finish={() => void finish()} /> : null}
    >
      {state.failure === null ? null : (
        <Banner kind="error" title={t(`record.${state.failure}`)} detail={t(`record.${state.failure}Detail`)} />
      )}
      {active ? (
        <Running state={state} />
      ) : (
        <View style={styles.centre}>
          <Text tone="soft" style={styles.centred}>
            {t('record.intro')}
          </Text>
          <Button
            kind="record"
            label={t('record.start')}
            busy={state.status === 'starting'}
            onPress={() => void recorder.start()}
          />
        </View>
      )}
    </Screen>
  );
}

function Light({ state }: { state: RecorderState }) {
  const { t } = useTranslation();
  const paused = state.status === 'paused';
  return (
    <View role="status" aria-live="polite" style={styles.light}>
      <Glyph name={paused ? 'paused' : 'record'} tone={paused ? 'soft' : 'record'} size={13} />
      <Text as="label" tone={paused ? 'soft' : 'record'}>
        {paused ? t('record.paused') : t('record.recording')}
      </Text>
    </View>
  );
}

function Running({ state }: { state: RecorderState }) {
  const { t } = useTranslation();
  const room = useRoom();
  const hidden = state.marks.length - SHOWN_MARKS;
  return (
    <View style={styles.centre}>
      <View role="timer">
        <Text as="timer">{clock(state.seconds)}</Text>
      </View>
      <Text tone="soft" style={styles.centred}>
        {room === null || room < LOW_SECONDS || room > AMPLE_SECONDS
          ? t('record.saved')
          : `${t('record.saved')} · ${t('record.room', { duration: roughly(t, room) })}`}
      </Text>
      {room !== null && room < LOW_SECONDS ? (
        <Banner kind="warning" title={t('record.roomLow')} detail={t('record.room', { duration: roughly(t, room) })} />
      ) : null}
      <LevelMeter label={t('record.level')} levels={state.levels} active={state.status === 'recording'} />
      <View style={styles.marks} role="status" aria-live="polite" aria-label={t('record.marks', { count: state.marks.length })}>
        {state.marks.slice(-SHOWN_MARKS).map((second) => (
          <Tag key={second} icon="mark" tone="mark" label={clock(second)} />
        ))}
        {hidden > 0 ? (
          <Text as="caption" tone="soft">
            {t('record.marks', { count: state.marks.length })}
          </Text>
        ) : null}
      </View>
      <Text as="caption" tone="soft" style={styles.centred}>
        {`${t('record.keepOpen')} ${t('record.consent')}`}
      </Text>
    </View>
  );
}

/** Seconds of recording that still fit; null where the device does not say. */
function useRoom(): number | null {
  const device = useDevice();
  const [seconds, setSeconds] = useState<number | null>(null);
  useEffect(() => {
    const read = async () => {
      const bytes = await device.freeBytes();
      setSeconds(bytes === null ? null : bytes / BYTES_PER_SECOND);
    };
    void read();
    const timer = setInterval(() => void read(), ROOM_REFRESH_MS);
    return () => clearInterval(timer);
  }, [device]);
  return seconds;
}

function Controls({ state, finish }: { state: RecorderState; finish: () => void }) {
  const { t } = useTranslation();
  const { recorder } = useDevice();
  const finishing = state.status === 'finishing';
  const paused = state.status === 'paused';
  return (
    <View style={styles.controls}>
      <Button
        grow
        label={paused ? t('record.resume') : t('record.pause')}
        disabled={finishing}
        onPress={() => (paused ? recorder.resume() : recorder.pause())}
      />
      <Button grow kind="mark" icon="mark" label={t('record.mark')} disabled={finishing} onPress={() => recorder.mark()} />
      <Button grow kind="danger" label={t('record.finish')} busy={finishing} onPress={finish} />
    </View>
  );
}

const styles = StyleSheet.create({
  centre: { flexGrow: 1, alignItems: 'center', justifyContent: 'center', gap: space.xl, paddingVertical: space.xxl },
  centred: { textAlign: 'center' },
  light: { flexDirection: 'row', alignItems: 'center', gap: space.s },
  marks: { flexDirection: 'row', flexWrap: 'wrap', justifyContent: 'center', alignItems: 'center', gap: space.s, minHeight: 28 },
  controls: { flexDirection: 'row', flexWrap: 'wrap', gap: space.m },
});
