import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { StyleSheet, View } from 'react-native';

import type { Lecture } from '../api/client';
import { messageOf } from '../app/messages';
import { Hold } from '../course/Hold';
import { useRetention } from '../course/queries';
import { Button } from '../design/Button';
import { Sheet } from '../design/Sheet';
import { Text } from '../design/Text';
import { space } from '../design/tokens';
import { RenameSheet } from '../library/RenameSheet';
import { useDeleteLecture, useRenameLecture } from '../library/queries';
import { useHistory } from '../navigation/Navigation';
import { ConsentNote, ConsentRecord } from './ConsentRecord';
import { FreezeLecture } from './Freeze';
import { KeptUntil } from './KeptUntil';
import { MakeAgain } from './MakeAgain';
import { MoveLecture } from './MoveLecture';

export interface Props {
  readonly lectureId: string;
  readonly lecture: Lecture | undefined;
  /** Work on the lecture has begun. */
  readonly onStarted: () => void;
}

/** What can be done to a lecture as a whole; `lecture` is undefined while it is not read yet. */
export function ManageLecture({ lectureId, lecture, onStarted }: Props) {
  const { t } = useTranslation();
  const history = useHistory();
  return (
    <View style={styles.part}>
      {lecture === undefined ? null : <KeptUntil lecture={lecture} />}
      {lecture === undefined ? null : <ConsentNote lecture={lecture} />}
      <View style={styles.end}>
        {lecture?.status === 'completed' && lecture.available.transcript ? <MakeAgain lecture={lecture} onStarted={onStarted} /> : null}
        {lecture === undefined ? null : <RenameLecture lecture={lecture} />}
        {lecture === undefined || lecture.restrictedAt || !canBeCut(lecture) ? null : (
          <Button label={t('manage.cut')} onPress={() => history.push({ name: 'cutting', lectureId })} />
        )}
        {lecture === undefined || lecture.restrictedAt ? null : <MoveLecture lecture={lecture} onMoved={onStarted} />}
        <DeleteLecture lectureId={lectureId} />
        {lecture === undefined ? null : <Keeping lecture={lecture} />}
      </View>
    </View>
  );
}

/** What is wanted rarely: folded, so that the rest is found. */
function Keeping({ lecture }: { lecture: Lecture }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  if (!open) return <Button label={t('keep.title')} onPress={() => setOpen(true)} />;
  return (
    <>
      <ConsentRecord lecture={lecture} />
      <HoldOfCourse courseId={lecture.courseId} />
      {lecture.restrictedAt ? null : <FreezeLecture lectureId={lecture.lectureId} />}
    </>
  );
}

/** A hold is of the whole course. */
function HoldOfCourse({ courseId }: { courseId: string }) {
  const { data } = useRetention(courseId);
  return data === undefined ? null : <Hold retention={data} />;
}

function RenameLecture({ lecture }: { lecture: Lecture }) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  const rename = useRenameLecture(lecture.lectureId);
  return (
    <>
      <Button label={t('manage.renameLecture')} onPress={() => setAsking(true)} />
      {asking ? (
        <RenameSheet
          heading={t('manage.renameLecture')}
          label={t('name.lecture')}
          title={lecture.title}
          rename={rename}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </>
  );
}

function DeleteLecture({ lectureId }: { lectureId: string }) {
  const { t } = useTranslation();
  const history = useHistory();
  const [asking, setAsking] = useState(false);
  const remove = useDeleteLecture();
  return (
    <>
      <Button label={t('library.deleteAction')} onPress={() => setAsking(true)} />
      <Sheet
        title={t('library.deleteTitle')}
        closeLabel={t('common.close')}
        visible={asking}
        onClose={() => setAsking(false)}
      >
        <Text>{t('library.deleteDetail')}</Text>
        {remove.isError ? (
          <Text tone="record" urgent>
            {messageOf(t, remove.error)}
          </Text>
        ) : null}
        <Button
          kind="danger"
          label={t('library.deleteAction')}
          busy={remove.isPending}
          onPress={() => remove.mutate(lectureId, { onSuccess: () => history.replace({ name: 'library' }) })}
        />
        <Button label={t('common.cancel')} onPress={() => setAsking(false)} />
      </Sheet>
    </>
  );
}

/** The server cuts nothing while a lecture is being transcribed. */
const canBeCut = ({ status, available }: Lecture) => available.transcript || status === 'completed' || status === 'failed';

const styles = StyleSheet.create({
  part: { gap: space.l },
  // Buttons at the end are not as wide as the view.
  end: { flexDirection: 'row', flexWrap: 'wrap', gap: space.m },
});
