import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { StyleSheet, View } from 'react-native';

import type { Lecture } from '../api/client';
import { messageOf } from '../app/messages';
import { RetentionNote } from '../course/RetentionNote';
import { Button } from '../design/Button';
import { Choice } from '../design/Choice';
import { Sheet } from '../design/Sheet';
import { Text } from '../design/Text';
import { space } from '../design/tokens';
import { useCourses, useMoveLecture } from '../library/queries';

interface Props {
  readonly lecture: Lecture;
  /** The lecture is in the other course, and its material is made again. */
  readonly onMoved: () => void;
}

/** The lecture into another course. */
export function MoveLecture({ lecture, onMoved }: Props) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  const moved = () => {
    setAsking(false);
    onMoved();
  };
  return (
    <>
      <Button label={t('manage.moveLecture')} onPress={() => setAsking(true)} />
      {asking ? <MoveSheet lecture={lecture} onMoved={moved} onClose={() => setAsking(false)} /> : null}
    </>
  );
}

function MoveSheet({ lecture, onMoved, onClose }: Props & { onClose: () => void }) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState<string | null>(null);
  const move = useMoveLecture(lecture.lectureId);
  const courses = useOtherCourses(lecture.courseId);
  return (
    <Sheet title={t('manage.moveLecture')} closeLabel={t('common.close')} visible onClose={onClose}>
      <Text>{courses.length === 0 ? t('manage.moveNone') : t('manage.moveDetail')}</Text>
      {courses.length === 0 ? null : (
        <View role="radiogroup" aria-label={t('manage.moveTo')} style={styles.choices}>
          {courses.map(({ courseId, title }) => (
            <Choice key={courseId} label={title ?? courseId} selected={courseId === chosen} onPress={() => setChosen(courseId)} />
          ))}
        </View>
      )}
      {chosen === null ? null : <RetentionNote courseId={chosen} />}
      {move.isError ? (
        <Text tone="record" urgent>
          {messageOf(t, move.error)}
        </Text>
      ) : null}
      {chosen === null ? null : (
        <Button
          kind="primary"
          label={t('manage.moveLecture')}
          busy={move.isPending}
          onPress={() => move.mutate(chosen, { onSuccess: onMoved })}
        />
      )}
      <Button label={t('common.cancel')} onPress={onClose} />
    </Sheet>
  );
}

/** All of them: the list is read page by page. */
function useOtherCourses(courseId: string) {
  const { data, hasNextPage, isFetchingNextPage, isError, fetchNextPage } = useCourses();
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && !isError) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, isError, fetchNextPage]);
  return (data?.pages.flatMap((page) => page.courses) ?? []).filter((course) => course.courseId !== courseId);
}

const styles = StyleSheet.create({
  choices: { flexDirection: 'row', flexWrap: 'wrap', gap: space.s },
});
