import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { StyleSheet, View } from 'react-native';

import { type Schema, dataOf } from '../api/client';
import { useServices } from '../app/Services';
import { messageOf } from '../app/messages';
import { Banner } from '../design/Banner';
import { Button } from '../design/Button';
import { ListRow } from '../design/ListRow';
import { Sheet } from '../design/Sheet';
import { Text } from '../design/Text';
import { space } from '../design/tokens';
import { clock, fileSize } from '../i18n/format';
import { FrozenLectures } from '../lecture/FrozenLectures';
import { useHistory } from '../navigation/Navigation';
import { Loaded } from '../reading/Loaded';
import { AccountCopy } from './AccountCopy';

const ME = 'me';

/** In the settings: what the server has of the user, what is left of today's limits, a copy of it, and its deletion. */
export function AccountData() {
  const { t } = useTranslation();
  const { api } = useServices();
  const query = useQuery({
    queryKey: [api.baseUrl, ME],
    queryFn: ({ signal }) => dataOf(api.client.GET('/me', { signal }), api.clock.now()),
  });
  return (
    <View style={styles.part}>
      <Text as="heading" level={2}>
        {t('mine.title')}
      </Text>
      <Loaded query={query} loading={t('mine.loading')} missing={t('errors.unknown')}>
        {(me) => (
          <>
            <Facts me={me} />
            {me.operator ? <ToOperation /> : null}
            <FrozenLectures />
            <AccountCopy />
            <DeleteEverything />
          </>
        )}
      </Loaded>
    </View>
  );
}

function ToOperation() {
  const { t } = useTranslation();
  const history = useHistory();
  const route = { name: 'operator' } as const;
  return (
    <ListRow title={t('operator.title')} detail={t('operator.detail')} href={history.href(route)} onPress={() => history.push(route)} />
  );
}

function Facts({ me: { usageToday, dailyLimits, holdings } }: { me: Schema<'MeResponse'> }) {
  const { t, i18n } = useTranslation();
  const number = new Intl.NumberFormat(i18n.language);
  const of = (used: string, most: string | undefined) => (most === undefined ? used : t('mine.of', { used, most }));
  const facts = [
    [t('mine.stored'), `${t('library.lectures', { count: holdings.lectures })}, ${fileSize(holdings.storageBytes, i18n.language)}`],
    [t('mine.lecturesToday'), of(number.format(usageToday.lectures), dailyLimits === null ? undefined : number.format(dailyLimits.lectures))],
    [t('mine.transcribedToday'), of(clock(usageToday.audioSec), dailyLimits === null ? undefined : clock(dailyLimits.audioSec))],
  ] as const;
  return (
    <View style={styles.facts}>
      {facts.map(([label, value]) => (
        <View key={label} style={styles.fact}>
          <Text as="label" style={styles.label}>
            {label}
          </Text>
          <Text tone="soft">{value}</Text>
        </View>
      ))}
    </View>
  );
}

/** Asks first. What is only on this device stays there. */
function DeleteEverything() {
  const { t } = useTranslation();
  const { api, account } = useServices();
  const signsIn = useSyncExternalStore(account.subscribe, account.get).kind === 'signed_in';
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  const remove = useMutation({
    mutationFn: () => dataOf(api.client.DELETE('/me'), api.clock.now()),
    onSuccess: () => {
      setAsking(false);
      void queries.invalidateQueries();
    },
  });
  return (
    <>
      {remove.isSuccess ? (
        <Banner
          kind="safe"
          title={t('mine.removed')}
          detail={t(remove.data.status === 'pending' ? 'mine.removedPending' : 'mine.removedDone', { receipt: remove.data.receiptId })}
        />
      ) : null}
      <View style={styles.action}>
        <Button label={t('mine.remove')} onPress={() => setAsking(true)} />
      </View>
      <Sheet title={t('mine.removeTitle')} closeLabel={t('common.close')} visible={asking} onClose={() => setAsking(false)}>
        <Text>{t('mine.removeDetail')}</Text>
        {signsIn ? <Text>{t('mine.removeAccount')}</Text> : null}
        {remove.isError ? (
          <Text tone="record" urgent>
            {messageOf(t, remove.error)}
          </Text>
        ) : null}
        <Button kind="danger" label={t('mine.removeAction')} busy={remove.isPending} onPress={() => remove.mutate()} />
        <Button label={t('common.cancel')} onPress={() => setAsking(false)} />
      </Sheet>
    </>
  );
}

const styles = StyleSheet.create({
  part: { gap: space.m },
  facts: { gap: space.xs },
  fact: { flexDirection: 'row', flexWrap: 'wrap', columnGap: space.m },
  label: { flexGrow: 1 },
  action: { alignItems: 'flex-start' },
});
