import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { StyleSheet, View } from 'react-native';

import type { Schema } from '../api/client';
import { messageOf, messageOfCode } from '../app/messages';
import { Button } from '../design/Button';
import { Card } from '../design/Card';
import { Screen } from '../design/Screen';
import { Text } from '../design/Text';
import { space } from '../design/tokens';
import { moment } from '../i18n/format';
import { useHistory } from '../navigation/Navigation';
import { Loaded } from '../reading/Loaded';
import { useFailedJobs, useReplayJobs, useResend, useUndelivered } from './queries';

/** For operators: what failed for all owners, why, and another try. The API records who asks. */
export default function OperatorScreen() {
  const { t } = useTranslation();
  const history = useHistory();
  return (
    <Screen title={t('operator.title')} back={{ label: t('common.back'), onPress: () => history.back({ name: 'settings' }) }}>
      <Text tone="soft">{t('operator.detail')}</Text>
      <FailedJobs />
      <Undelivered />
    </Screen>
  );
}

function FailedJobs() {
  const { t } = useTranslation();
  const query = useFailedJobs();
  const replay = useReplayJobs();
  return (
    <Part title={t('operator.jobs')}>
      <Loaded query={query} loading={t('operator.loading')} missing={t('operator.noJobs')}>
        {({ jobs, pagination }) =>
          jobs.length === 0 ? (
            <Text tone="soft">{t('operator.noJobs')}</Text>
          ) : (
            <>
              <Text as="caption" tone="soft">
                {t('operator.shown', { shown: jobs.length, count: pagination.total })}
              </Text>
              <Failure error={replay.error} />
              {replay.data === undefined ? null : (
                <Text aria-live="polite">
                  {t('operator.replayed', { replayed: replay.data.replayed.length, skipped: replay.data.skipped.length })}
                </Text>
              )}
              <View style={styles.end}>
                <Button
                  label={t('operator.replayAll')}
                  busy={replay.isPending}
                  onPress={() => replay.mutate(jobs.map(({ jobId }) => jobId))}
                />
              </View>
              {jobs.map((job) => (
                <FailedJob key={job.jobId} job={job} busy={replay.isPending} onReplay={() => replay.mutate([job.jobId])} />
              ))}
            </>
          )
        }
      </Loaded>
    </Part>
  );
}

function FailedJob({ job, busy, onReplay }: { job: Schema<'JobResponse'>; busy: boolean; onReplay: () => void }) {
  const { t, i18n } = useTranslation();
  const { type, lectureId, error, attempt, maxAttempts, updatedAt, jobId } = job;
  return (
    <Card>
      <View>
        <Text as="label">{`${t(`lecture.${type}`)} · ${lectureId}`}</Text>
        {error === null ? null : <Text tone="record">{`${messageOfCode(t, error.code)} (${error.code}: ${error.message})`}</Text>}
        <Text as="caption" tone="soft">
          {`${moment(updatedAt, i18n.language)} · ${t('operator.attempts', { attempt, count: maxAttempts })}`}
        </Text>
        <Text as="caption" tone="soft" selectable>
          {jobId}
        </Text>
      </View>
      <View style={styles.end}>
        <Button label={t('common.retry')} hint={lectureId} disabled={busy} onPress={onReplay} />
      </View>
    </Card>
  );
}

function Undelivered() {
  const { t, i18n } = useTranslation();
  const query = useUndelivered();
  const resend = useResend();
  return (
    <Part title={t('operator.messages')}>
      <Loaded query={query} loading={t('operator.loading')} missing={t('operator.noMessages')}>
        {({ messages, pagination }) =>
          messages.length === 0 ? (
            <Text tone="soft">{t('operator.noMessages')}</Text>
          ) : (
            <>
              <Text as="caption" tone="soft">
                {t('operator.shown', { shown: messages.length, count: pagination.total })}
              </Text>
              <Failure error={resend.error} />
              {messages.map(({ messageId, source, jobId, createdAt }) => (
                <Card key={messageId}>
                  <View>
                    <Text as="label">{source}</Text>
                    <Text as="caption" tone="soft">
                      {moment(createdAt, i18n.language)}
                    </Text>
                    <Text as="caption" tone="soft" selectable>
                      {jobId ?? messageId}
                    </Text>
                  </View>
                  <View style={styles.end}>
                    <Button
                      label={t('operator.resend')}
                      hint={source}
                      disabled={resend.isPending}
                      onPress={() => resend.mutate(messageId)}
                    />
                  </View>
                </Card>
              ))}
            </>
          )
        }
      </Loaded>
    </Part>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <View style={styles.part}>
      <Text as="heading" level={2}>
        {title}
      </Text>
      {children}
    </View>
  );
}

function Failure({ error }: { error: unknown }) {
  const { t } = useTranslation();
  return error === null ? null : (
    <Text tone="record" urgent>
      {messageOf(t, error)}
    </Text>
  );
}

const styles = StyleSheet.create({
  part: { gap: space.m },
  end: { flexDirection: 'row', flexWrap: 'wrap', gap: space.m },
});
