import { useTranslation } from 'react-i18next';

import { IconButton } from '../design/IconButton';
import { Screen } from '../design/Screen';
import { useServices } from '../app/Services';
import { useHistory } from '../navigation/Navigation';
import { DeviceRecordings } from '../record/DeviceRecordings';
import { EmptyState } from '../design/EmptyState';
import { Courses } from './Courses';
import { NewLecture } from './NewLecture';
import { useLectures } from './queries';

/** All lectures, on a narrow screen. */
export function LibraryScreen() {
  const { t } = useTranslation();
  const history = useHistory();
  const { device } = useServices();
  return (
    <Screen
      title={t('library.title')}
      actions={
        <>
          <IconButton icon="search" label={t('search.title')} tone="ink" onPress={() => history.push({ name: 'search' })} />
          <IconButton icon="settings" label={t('library.settings')} tone="ink" onPress={() => history.push({ name: 'settings' })} />
        </>
      }
      footer={device === null ? null : <NewLecture />}
    >
      {device === null ? null : <DeviceRecordings />}
      <Courses />
    </Screen>
  );
}

/** What stands beside the list of lectures on a wide screen while none is chosen. */
export function HomeScreen() {
  const { t } = useTranslation();
  const { device } = useServices();
  const lectures = useLectures();
  const isEmpty = lectures.data?.pages[0]?.lectures.length === 0;
  return (
    <Screen title={t('library.title')}>
      {device === null ? null : <DeviceRecordings />}
      {isEmpty ? (
        <EmptyState title={t('library.emptyTitle')} detail={t('library.emptyDetail')} />
      ) : (
        <EmptyState detail={t('library.pick')} />
      )}
    </Screen>
  );
}
