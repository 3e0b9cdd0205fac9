import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { View } from 'react-native';

import { messageOf } from '../app/messages';
import { Button } from '../design/Button';
import { Sheet } from '../design/Sheet';
import { Text } from '../design/Text';
import { useLectures } from '../library/queries';
import { useHistory } from '../navigation/Navigation';
import { useDeleteCourse } from './queries';

/** Asks first, and shows which lectures go. */
export function DeleteCourse({ courseId }: { courseId: string }) {
  const { t } = useTranslation();
  const history = useHistory();
  const [asking, setAsking] = useState(false);
  const remove = useDeleteCourse(courseId);
  const { data, hasNextPage, isFetchingNextPage, isError, fetchNextPage } = useLectures();
  // The library loads its pages as it is scrolled; what goes is shown whole.
  const loading = asking && hasNextPage && !isError;
  useEffect(() => {
    if (loading && !isFetchingNextPage) void fetchNextPage();
  }, [loading, isFetchingNextPage, fetchNextPage]);
  const lectures = data?.pages.flatMap((page) => page.lectures) ?? [];
  const going = lectures.filter((lecture) => lecture.courseId === courseId);
  return (
    <>
      <Button label={t('manage.deleteCourse')} onPress={() => setAsking(true)} />
      <Sheet title={t('manage.deleteCourseTitle')} closeLabel={t('common.close')} visible={asking} onClose={() => setAsking(false)}>
        <Text>{t('manage.deleteCourseDetail')}</Text>
        {going.length === 0 ? null : (
          <View>
            <Text as="label">{t('manage.goes')}</Text>
            {going.map(({ lectureId, title }) => (
              <Text key={lectureId} tone="soft">{`• ${title ?? t('common.untitled')}`}</Text>
            ))}
          </View>
        )}
        {remove.isError ? (
          <Text tone="record" urgent>
            {messageOf(t, remove.error)}
          </Text>
        ) : null}
        <Button
          kind="danger"
          label={t('manage.deleteCourse')}
          busy={remove.isPending || loading}
          onPress={() => remove.mutate(undefined, { onSuccess: () => history.replace({ name: 'library' }) })}
        />
        <Button label={t('common.cancel')} onPress={() => setAsking(false)} />
      </Sheet>
    </>
  );
}
