import { useState } from 'react';
import { StyleSheet, View } from 'react-native';
import { useTranslation } from 'react-i18next';

import { newId } from '../api/ids';
import { useServices } from '../app/Services';
import { RetentionNote } from '../course/RetentionNote';
import { Banner } from '../design/Banner';
import { Button } from '../design/Button';
import { Choice } from '../design/Choice';
import { EmptyState } from '../design/EmptyState';
import { Screen } from '../design/Screen';
import { Skeleton } from '../design/Skeleton';
import { Text } from '../design/Text';
import { TextField } from '../design/TextField';
import { space } from '../design/tokens';
import { useDevice, useRecordings, useUpload } from '../device/hooks';
import { useCourses } from '../library/queries';
import { useHistory } from '../navigation/Navigation';
import { PresetChoices } from '../presets/PresetChoices';
import { DEFAULT_PRESET } from '../presets/words';
import { newUpload } from '../upload/machine';
import { DiscardRecording } from './DiscardRecording';
import { choices, courseOf } from './courses';
import { factsOf } from './facts';
import type { CourseChoice, Recording } from './types';

const LONGEST_TITLE = 300;

/** A recording on this device is named, and its upload begins. */
export default function NameScreen({ recordingId }: { recordingId: string }) {
  const { t, i18n } = useTranslation();
  const history = useHistory();
  const recordings = useRecordings();
  const uploading = useUpload(recordingId);
  const recording = recordings?.find(({ id }) => id === recordingId);
  const home = () => history.back({ name: 'library' });
  return (
    <Screen
      title={t('name.title')}
      {...(recording === undefined ? {} : { subtitle: factsOf(t, recording, i18n.language) })}
      back={{ label: t('common.back'), onPress: home }}
    >
      {recordings === null ? <Skeleton label={t('library.loading')} /> : null}
      {recordings !== null && recording === undefined ? (
        <EmptyState title={t('name.gone')} detail={t('name.goneDetail')}>
          <Button kind="primary" label={t('notFound.home')} onPress={() => history.replace({ name: 'library' })} />
        </EmptyState>
      ) : null}
      {recording !== undefined && uploading === null ? <Form recording={recording} /> : null}
      {recording !== undefined && uploading !== null ? (
        <Button
          kind="primary"
          label={t('name.follow')}
          onPress={() => history.replace({ name: 'lecture', lectureId: recording.id })}
        />
      ) : null}
      {recording === undefined ? null : <DiscardRecording recording={recording} onDiscarded={home} />}
    </Screen>
  );
}

function Form({ recording }: { recording: Recording }) {
  const { t } = useTranslation();
  const history = useHistory();
  const { api } = useServices();
  const device = useDevice();
  const recordings = useRecordings() ?? [];
  const courses = useCourses();
  const known = choices(courses.data?.pages.flatMap((page) => page.courses) ?? [], recordings);
  const [title, setTitle] = useState(recording.title ?? '');
  const [chosen, setChosen] = useState<CourseChoice | 'new' | null>(recording.course);
  const [preset, setPreset] = useState(DEFAULT_PRESET);
  const [newTitle, setNewTitle] = useState('');
  const [state, setState] = useState<'editing' | 'unnamed' | 'saving' | 'failed'>('editing');

  const selected = known.length === 0 ? 'new' : (chosen ?? known[0] ?? 'new');

  const upload = async () => {
    if (selected === 'new' && newTitle.trim() === '') return setState('unnamed');
    const course = selected === 'new' ? courseOf(newTitle, known) : selected;
    const name = title.trim() === '' ? null : title.trim();
    setState('saving');
    try {
      await device.recordings.update(recording.id, { course, title: name, state: 'finished' });
      await device.uploads.add(
        newUpload({
          id: recording.id,
          server: api.baseUrl,
          announceKey: newId(),
          // A crash loses the last seconds, and with them what was marked there.
          marks: recording.marks.filter((second) => second <= recording.seconds),
          file: { size: recording.bytes, contentType: recording.contentType },
          target: {
            courseId: course.courseId,
            courseTitle: course.title,
            lectureId: recording.id,
            title: name,
            presetId: preset,
          },
        }),
      );
    } catch {
      return setState('failed');
    }
    history.replace({ name: 'lecture', lectureId: recording.id });
  };

  return (
    <View style={styles.form}>
      <Banner kind="safe" title={t('name.saved')} detail={t('name.savedDetail')} />
      <TextField
        label={t('name.lecture')}
        help={t('name.lectureHelp')}
        value={title}
        maxLength={LONGEST_TITLE}
        onChangeText={setTitle}
      />
      {known.length === 0 ? null : (
        <View role="radiogroup" aria-label={t('name.course')} style={styles.group}>
          <Text as="label">{t('name.course')}</Text>
          <View style={styles.choices}>
            {known.map((course) => (
              <Choice
                key={course.courseId}
                label={course.title ?? course.courseId}
                selected={selected !== 'new' && selected.courseId === course.courseId}
                onPress={() => setChosen(course)}
              />
            ))}
            <Choice label={t('name.newCourse')} selected={selected === 'new'} onPress={() => setChosen('new')} />
          </View>
        </View>
      )}
      {selected === 'new' ? (
        <TextField
          label={known.length === 0 ? t('name.course') : t('name.newCourseTitle')}
          help={t('name.courseHelp')}
          error={state === 'unnamed' ? t('name.courseNeeded') : null}
          value={newTitle}
          maxLength={LONGEST_TITLE}
          onChangeText={(value) => {
            setNewTitle(value);
            setState('editing');
          }}
          onSubmitEditing={() => void upload()}
        />
      ) : null}
      <PresetChoices selected={preset} onSelect={setPreset} />
      {state === 'failed' ? (
        <Banner kind="error" title={t('record.notSaved')} detail={t('name.notStored')} />
      ) : null}
      <RetentionNote courseId={selected === 'new' ? null : selected.courseId} />
      <Button kind="primary" label={t('name.upload')} busy={state === 'saving'} onPress={() => void upload()} />
    </View>
  );
}

const styles = StyleSheet.create({
  form: { gap: space.xl },
  group: { gap: space.s },
  choices: { flexDirection: 'row', flexWrap: 'wrap', gap: space.s },
});
