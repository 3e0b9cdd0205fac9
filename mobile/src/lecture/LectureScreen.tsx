import { Suspense, lazy, useEffect } from 'react';
import { useTranslation } from 'react-i18next';

import type { Lecture, Progress } from '../api/client';
import { messageOf, messageOfCode } from '../app/messages';
import { Banner } from '../design/Banner';
import { Button } from '../design/Button';
import { Card } from '../design/Card';
import { EmptyState } from '../design/EmptyState';
import { ProgressBar } from '../design/ProgressBar';
import { Screen } from '../design/Screen';
import { Skeleton } from '../design/Skeleton';
import { StageList } from '../design/StageList';
import { Text } from '../design/Text';
import { useUpload } from '../device/hooks';
import { useCourses, useFreshLibrary } from '../library/queries';
import { useHistory } from '../navigation/Navigation';
import { PlayerBar, absenceOf } from '../player/PlayerBar';
import { PlayerProvider, usePlayer } from '../player/PlayerProvider';
import { UploadStatus } from '../upload/UploadStatus';
import type { QueuedUpload } from '../upload/queue';
import { FrozenNote } from './Freeze';
import { ManageLecture } from './ManageLecture';
import { NotifyButton } from './NotifyButton';
import { PartialTranscript } from './PartialTranscript';
import { isOver } from './follow';
import { replayable, useLecture, useReplay } from './queries';
import { stageViews } from './stages';
import { type Followed, useFollow } from './useFollow';
import { useReadyNotice } from './useReadyNotice';

const CutState = lazy(() => import('../cutting').then(({ CutState: view }) => ({ default: view })));
const Reading = lazy(() => import('../reading/Reading'));
const EarlyFiles = lazy(() => import('../reading/EarlyFiles'));

/** `at`: the second that the address leads to. */
export default function LectureScreen({ lectureId, at }: { lectureId: string; at?: number }) {
  const { t } = useTranslation();
  const history = useHistory();
  const upload = useUpload(lectureId);
  // Before its upload is confirmed the server may not know the lecture.
  const onServer = upload === null || upload.upload.phase === 'confirmed';
  const followed = useFollow(lectureId, onServer);
  const { progress } = followed;
  const state = followed.gone ? 'gone' : progress === null ? undefined : stateOf(progress);
  const lecture = useLecture(lectureId, state, onServer);
  // One that is frozen meanwhile ends its stream as one that is deleted does.
  const frozenSince = lecture.data?.restrictedAt ?? null;
  const gone = followed.gone && frozenSince === null && !lecture.isPlaceholderData;
  const courses = useCourses();
  const known = lecture.data ?? upload?.upload.target;
  const title = gone ? t('lecture.gone') : known === undefined ? t('common.appName') : (known.title ?? t('common.untitled'));
  const course = courses.data?.pages.flatMap((page) => page.courses).find(({ courseId }) => courseId === known?.courseId);
  const subtitle = course?.title ?? upload?.upload.target.courseTitle ?? known?.courseId;
  useReadyNotice(title, progress);
  useFreshLibrary(progress?.overallStatus);
  const readable = gone || frozenSince !== null || lecture.data === undefined || !isReadable(lecture.data, progress) ? null : lecture.data;
  const view = (
    <Screen
      title={title}
      {...(subtitle === undefined ? {} : { subtitle })}
      back={{ label: t('common.back'), onPress: () => history.back({ name: 'library' }) }}
      footer={readable === null ? null : <PlayerBar lectureId={lectureId} durationSec={readable.durationSec} absent={absenceOf(readable)} />}
    >
      {!onServer ? <Uploading item={upload} /> : null}
      {gone ? (
        <EmptyState detail={t('lecture.goneDetail')}>
          <Button kind="primary" label={t('notFound.home')} onPress={() => history.replace({ name: 'library' })} />
        </EmptyState>
      ) : null}
      {frozenSince === null || lecture.data === undefined ? null : (
        <FrozenNote lecture={lecture.data} since={frozenSince} onLifted={followed.restart} />
      )}
      {onServer && !gone && frozenSince === null && progress === null && followed.failure === null ? (
        <Skeleton label={t('lecture.loading')} rows={4} />
      ) : null}
      {!gone && frozenSince === null && followed.failure !== null ? <Trouble followed={followed} /> : null}
      {!gone && frozenSince === null && progress !== null ? (
        <>
          {lecture.data !== undefined && isWithheld(lecture.data) ? (
            <Suspense fallback={null}>
              <CutState lectureId={lectureId} />
            </Suspense>
          ) : null}
          <Outcome progress={progress} restarted={followed.restart} />
          {progress.overallStatus === 'completed' ? null : <Stages progress={progress} live={followed.live} />}
          <Warnings progress={progress} />
          {readable === null && lecture.data?.available.exports ? (
            <Suspense fallback={null}>
              <EarlyFiles lecture={lecture.data} key={progress.filesMadeAt} />
            </Suspense>
          ) : null}
          {readable === null ? <PartialTranscript lectureId={lectureId} progress={progress} /> : null}
        </>
      ) : null}
      {!gone && progress !== null && isOver(progress) && lecture.data === undefined ? <NotRead query={lecture} /> : null}
      {readable === null ? null : (
        <Suspense fallback={<Skeleton label={t('lecture.loading')} rows={4} />}>
          <Reading lecture={readable} />
        </Suspense>
      )}
      {gone || !onServer ? null : <ManageLecture lectureId={lectureId} lecture={lecture.data} onStarted={followed.restart} />}
    </Screen>
  );
  return (
    <PlayerProvider
      lectureId={lectureId}
      durationSec={readable?.durationSec ?? null}
      enabled={readable?.available.recording ?? false}
    >
      <OpenAt at={at} />
      {view}
    </PlayerProvider>
  );
}

/** What is known of the lecture is another with it. */
const stateOf = ({ overallStatus, filesMadeAt }: Progress) => (filesMadeAt ? `${overallStatus} ${filesMadeAt}` : overallStatus);

/** Something was cut out of the recording, which is not silent there yet. */
const isWithheld = (lecture: Lecture) => lecture.status !== 'awaiting_upload' && absenceOf(lecture) === 'withheld';

/** The work is over and the lecture is not known yet, or could not be read. */
function NotRead({ query }: { query: ReturnType<typeof useLecture> }) {
  const { t } = useTranslation();
  if (!query.isError) return <Skeleton label={t('lecture.loading')} rows={4} />;
  return (
    <Banner
      kind="error"
      title={t('errors.title')}
      detail={messageOf(t, query.error)}
      action={{ label: t('common.retry'), onPress: () => void query.refetch(), busy: query.isFetching }}
    />
  );
}

/** Once the work is over; a transcript that a later run replaces is read until then. */
const isReadable = (lecture: Lecture, progress: Progress | null) =>
  progress !== null && isOver(progress) && (progress.overallStatus === 'completed' || lecture.available.transcript);

/** Goes to the second that the address names, also when another link of the same lecture is followed. */
function OpenAt({ at }: { at: number | undefined }) {
  const player = usePlayer();
  useEffect(() => {
    if (at !== undefined) player?.openAt(at);
  }, [player, at]);
  return null;
}

function Uploading({ item }: { item: QueuedUpload }) {
  const { t } = useTranslation();
  return (
    <Card>
      <Text as="label">{t('lecture.onDevice')}</Text>
      <UploadStatus item={item} />
      <Text as="caption" tone="soft">
        {t('lecture.closeLater')}
      </Text>
    </Card>
  );
}

function Trouble({ followed }: { followed: Followed }) {
  const { t } = useTranslation();
  return (
    <Banner
      kind={followed.progress === null ? 'error' : 'warning'}
      title={followed.progress === null ? t('errors.title') : t('common.offline')}
      detail={messageOf(t, followed.failure)}
      action={{ label: t('common.retry'), onPress: followed.restart }}
    />
  );
}

function Outcome({ progress, restarted }: { progress: Progress; restarted: () => void }) {
  const { t } = useTranslation();
  const replay = useReplay(restarted);
  if (progress.overallStatus !== 'failed') return null;
  const jobId = replayable(progress);
  return (
    <Banner
      kind="error"
      title={t('lecture.failed')}
      detail={replay.isError ? messageOf(t, replay.error) : messageOfCode(t, progress.error?.code ?? 'internal')}
      {...(jobId === null
        ? {}
        : { action: { label: t('common.retry'), onPress: () => replay.mutate(jobId), busy: replay.isPending } })}
    />
  );
}

function Stages({ progress, live }: { progress: Progress; live: boolean }) {
  const { t } = useTranslation();
  const active = progress.overallStatus === 'in_progress';
  return (
    <Card>
      <StageList
        label={t('lecture.stages')}
        stages={stageViews(t, progress).map(({ percent, parts, ...stage }) => ({
          ...stage,
          children:
            stage.status === 'running' ? <ProgressBar label={stage.title} percent={percent} parts={parts} /> : null,
        }))}
      />
      {active ? (
        <>
          <Text as="caption" tone="soft">
            {`${t('lecture.canClose')} ${live ? t('lecture.live') : t('lecture.polling')}.`}
          </Text>
          <NotifyButton />
        </>
      ) : null}
    </Card>
  );
}

function Warnings({ progress }: { progress: Progress }) {
  const { t } = useTranslation();
  if (progress.warnings.length === 0) return null;
  return (
    <Card accent="mark">
      <Text as="label" tone="mark">
        {t('lecture.warnings')}
      </Text>
      {progress.warnings.map((warning) => (
        <Text key={warning.code}>{warning.message}</Text>
      ))}
    </Card>
  );
}
