import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { StyleSheet, View } from 'react-native';

import { ApiProblem } from '../api/problem';
import { messageOf } from '../app/messages';
import { Banner } from '../design/Banner';
import { Button } from '../design/Button';
import { EmptyState } from '../design/EmptyState';
import { Screen } from '../design/Screen';
import { Skeleton } from '../design/Skeleton';
import { space } from '../design/tokens';
import { RenameSheet } from '../library/RenameSheet';
import { useRenameCourse } from '../library/queries';
import { useHistory } from '../navigation/Navigation';
import { DeleteCourse } from './DeleteCourse';
import { RetentionSection } from './RetentionSection';
import { VocabularySection } from './VocabularySection';
import { useCourse } from './queries';

/** What can be done to a course as a whole, and what is kept of it. */
export default function CourseScreen({ courseId }: { courseId: string }) {
  const { t } = useTranslation();
  const history = useHistory();
  const course = useCourse(courseId);
  const gone = course.error instanceof ApiProblem && course.error.status === 404;
  const title = gone ? t('manage.noCourse') : (course.data?.title ?? courseId);
  return (
    <Screen title={title} back={{ label: t('common.back'), onPress: () => history.back({ name: 'library' }) }}>
      {course.isPending ? <Skeleton label={t('manage.loadingCourse')} rows={4} /> : null}
      {gone ? (
        <EmptyState detail={t('manage.noCourseDetail')}>
          <Button kind="primary" label={t('notFound.home')} onPress={() => history.replace({ name: 'library' })} />
        </EmptyState>
      ) : course.isError ? (
        <Banner
          kind="error"
          title={t('errors.title')}
          detail={messageOf(t, course.error)}
          action={{ label: t('common.retry'), onPress: () => void course.refetch(), busy: course.isFetching }}
        />
      ) : null}
      {course.isSuccess ? (
        <>
          <RetentionSection courseId={courseId} />
          <VocabularySection courseId={courseId} />
          <View style={styles.end}>
            <RenameCourse courseId={courseId} title={course.data.title} />
            <DeleteCourse courseId={courseId} />
          </View>
        </>
      ) : null}
    </Screen>
  );
}

function RenameCourse({ courseId, title }: { courseId: string; title: string | null }) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  const rename = useRenameCourse(courseId);
  return (
    <>
      <Button label={t('manage.renameCourse')} onPress={() => setAsking(true)} />
      {asking ? (
        <RenameSheet
          heading={t('manage.renameCourse')}
          label={t('manage.courseTitle')}
          title={title}
          rename={rename}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </>
  );
}

const styles = StyleSheet.create({
  end: { flexDirection: 'row', flexWrap: 'wrap', gap: space.m },
});
