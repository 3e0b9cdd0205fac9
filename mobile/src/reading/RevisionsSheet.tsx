import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { StyleSheet, View } from 'react-native';

import type { Schema } from '../api/client';
import { ApiProblem } from '../api/problem';
import { messageOf } from '../app/messages';
import { Banner } from '../design/Banner';
import { Button } from '../design/Button';
import { ListRow } from '../design/ListRow';
import { Sheet } from '../design/Sheet';
import { Text } from '../design/Text';
import { space } from '../design/tokens';
import { clock, moment } from '../i18n/format';
import { Loaded } from './Loaded';
import type { ReadTranscript } from './queries';
import { type Changed, useReadAgain, useRestore, useRevision, useRevisions } from './revisions';
import { type Difference, differences } from './utterances';

type Revision = Schema<'RevisionRecord'>;

export interface Props {
  readonly lectureId: string;
  /** The transcript as it is known now. */
  readonly read: ReadTranscript;
  readonly onRestored: (made: Changed) => void;
  readonly onClose: () => void;
}

/** Differences that are shown; a whole new recognition would be all of the lecture. */
const MOST = 20;

/** The versions of the transcript, newest first, and the way back to one of them. */
export default function RevisionsSheet({ lectureId, read, onRestored, onClose }: Props) {
  const { t, i18n } = useTranslation();
  const query = useRevisions(lectureId);
  const [chosen, setChosen] = useState<Revision | null>(null);
  const nameOf = ({ revision }: Revision) => t('correct.version', { number: revision });
  return (
    <Sheet
      title={chosen === null ? t('correct.versions') : nameOf(chosen)}
      closeLabel={t('common.close')}
      visible
      onClose={onClose}
    >
      {chosen !== null ? (
        <Version lectureId={lectureId} read={read} chosen={chosen} onRestored={onRestored} onBack={() => setChosen(null)} />
      ) : (
        <Loaded query={query} loading={t('correct.versionsLoading')} missing={t('reading.noTranscript')}>
          {(revisions) => (
            <View>
              {[...revisions].reverse().map((revision) => {
                const made = revision.corrected > 0 ? t('correct.corrections', { count: revision.corrected }) : t('correct.recognized');
                const facts = [moment(revision.createdAt, i18n.language), made];
                return revision.current ? (
                  <View key={revision.revision} style={styles.current}>
                    <Text as="label">{`${nameOf(revision)} · ${t('correct.isNow')}`}</Text>
                    <Text as="caption" tone="soft">
                      {facts.join(' · ')}
                    </Text>
                  </View>
                ) : (
                  <ListRow key={revision.revision} title={nameOf(revision)} detail={facts.join(' · ')} onPress={() => setChosen(revision)} />
                );
              })}
              {revisions.length === 1 ? <Text tone="soft">{t('correct.versionsNone')}</Text> : null}
            </View>
          )}
        </Loaded>
      )}
    </Sheet>
  );
}

interface VersionProps extends Omit<Props, 'onClose'> {
  readonly chosen: Revision;
  readonly onBack: () => void;
}

/** What reads differently in it. */
function Version({ lectureId, read, chosen, onRestored, onBack }: VersionProps) {
  const { t } = useTranslation();
  const query = useRevision(lectureId, chosen.revision);
  const restore = useRestore(lectureId);
  const readAgain = useReadAgain(lectureId);
  const changed = restore.error instanceof ApiProblem && restore.error.status === 412;
  return (
    <>
      <Loaded query={query} loading={t('reading.loadingTranscript')} missing={t('reading.noTranscript')}>
        {({ utterances }) => <Differences found={differences(read.transcript.utterances, utterances)} />}
      </Loaded>
      {changed ? (
        <Banner
          kind="warning"
          title={t('correct.changed')}
          detail={t('correct.overtaken')}
          action={{ label: t('correct.reload'), onPress: () => void readAgain().then(restore.reset) }}
        />
      ) : restore.isError ? (
        <Text tone="record" urgent>
          {messageOf(t, restore.error)}
        </Text>
      ) : null}
      <Text as="caption" tone="soft">
        {t('correct.restoreDetail')}
      </Text>
      <Button
        kind="primary"
        label={t('correct.restore')}
        busy={restore.isPending}
        disabled={query.data === undefined || changed}
        onPress={() => restore.mutate({ revision: chosen.revision, etag: read.etag }, { onSuccess: onRestored })}
      />
      <Button label={t('correct.versions')} onPress={onBack} />
    </>
  );
}

function Differences({ found }: { found: readonly Difference[] }) {
  const { t } = useTranslation();
  if (found.length === 0) return <Text>{t('correct.same')}</Text>;
  return (
    <View role="list" style={styles.list}>
      {found.slice(0, MOST).map(({ startSec, then, now }) => (
        <View key={`${startSec} ${then === null}`} role="listitem">
          <Text as="caption" tone="soft">
            {clock(startSec)}
          </Text>
          <Text as="reading">{then ?? t('correct.notThere')}</Text>
          <Text as="caption" tone="soft">
            {now === null ? t('correct.notNow') : t('correct.now', { text: now })}
          </Text>
        </View>
      ))}
      {found.length > MOST ? <Text tone="soft">{t('correct.moreDiffer', { count: found.length - MOST })}</Text> : null}
    </View>
  );
}

const styles = StyleSheet.create({
  current: { paddingVertical: space.m, paddingHorizontal: space.s, gap: space.xs },
  list: { gap: space.l },
});
