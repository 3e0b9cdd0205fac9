import { useMutation, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { StyleSheet, View } from 'react-native';

import { type Api, type Schema, dataOf } from '../api/client';
import { useServices } from '../app/Services';
import { messageOf } from '../app/messages';
import { platform } from '../app/platform';
import { Banner } from '../design/Banner';
import { Button } from '../design/Button';
import { Text } from '../design/Text';
import { space } from '../design/tokens';
import { day } from '../i18n/format';

type Copy = Schema<'AccountExportResponse'>;

const AGAIN_MS = 3_000;

const isUnderWay = (copy: Copy | undefined) => copy?.status === 'queued' || copy?.status === 'running';

const readCopy = (api: Api, exportId: string, signal?: AbortSignal) =>
  dataOf(
    api.client.GET('/me/exports/{exportId}', { params: { path: { exportId } }, ...(signal === undefined ? {} : { signal }) }),
    api.clock.now(),
  );

/** A copy of everything: it is asked for, made in the background, and downloaded in parts. */
export function AccountCopy() {
  const { t, i18n } = useTranslation();
  const { api } = useServices();
  const ask = useMutation({ mutationFn: () => dataOf(api.client.POST('/me/exports'), api.clock.now()) });
  const exportId = ask.data?.exportId;
  const read = useQuery({
    queryKey: [api.baseUrl, 'copy', exportId],
    enabled: exportId !== undefined,
    queryFn: ({ signal }) => readCopy(api, exportId ?? '', signal),
    refetchInterval: ({ state }) => (state.data === undefined || isUnderWay(state.data) ? AGAIN_MS : false),
  });
  const copy = read.data ?? ask.data;
  const failure = ask.error ?? (copy === undefined ? null : read.error);
  return (
    <View style={styles.part}>
      {copy?.status === 'ready' ? (
        <>
          <Banner kind="safe" title={t('mine.copyReady', { day: day(copy.expiresAt, i18n.language) })} />
          {copy.parts.map(({ name }) => (
            <Part key={name} exportId={copy.exportId} name={name} />
          ))}
        </>
      ) : isUnderWay(copy) ? (
        <Text tone="soft" aria-live="polite">
          {t('mine.copyMaking')}
        </Text>
      ) : (
        <>
          <Text tone="soft">{t('mine.copyDetail')}</Text>
          <View style={styles.action}>
            <Button label={t('mine.copy')} busy={ask.isPending} onPress={() => ask.mutate()} />
          </View>
        </>
      )}
      {failure !== null || copy?.status === 'failed' ? (
        <Text tone="record" urgent>
          {failure === null ? t('mine.copyFailed') : messageOf(t, failure)}
        </Text>
      ) : null}
    </View>
  );
}

/** Its address works for some minutes: another is asked for with each download. */
function Part({ exportId, name }: { exportId: string; name: string }) {
  const { t } = useTranslation();
  const { api } = useServices();
  const download = useMutation({
    mutationFn: async () => (await readCopy(api, exportId)).parts.find((part) => part.name === name)?.url,
    onSuccess: (address) => (address === undefined ? undefined : platform.download(address)),
  });
  return (
    <View style={styles.action}>
      <Button label={t('mine.download', { name })} busy={download.isPending} onPress={() => download.mutate()} />
      {download.isError ? (
        <Text tone="record" urgent>
          {messageOf(t, download.error)}
        </Text>
      ) : null}
    </View>
  );
}

const styles = StyleSheet.create({
  part: { gap: space.m },
  action: { alignItems: 'flex-start' },
});
