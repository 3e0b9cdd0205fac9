import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { StyleSheet, View } from 'react-native';

import { ApiProblem } from '../api/problem';
import { useServices } from '../app/Services';
import { messageOf } from '../app/messages';
import { Button } from '../design/Button';
import { Choice } from '../design/Choice';
import { Sheet } from '../design/Sheet';
import { Text } from '../design/Text';
import { TextField } from '../design/TextField';
import { space } from '../design/tokens';
import { day } from '../i18n/format';
import { type Retention, useChangeRetention } from './queries';

const DAY_MS = 86_400_000;
const LENGTHS = [30, 90, 180, 365] as const;

/** A hold: nothing of the course is deleted by age until it ends. */
export function Hold({ retention }: { retention: Retention }) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  const held = retention.inForce.held;
  return (
    <>
      <Button label={held ? t('keep.changeHold') : t('keep.hold')} onPress={() => setAsking(true)} />
      {asking ? <HoldSheet retention={retention} onClose={() => setAsking(false)} /> : null}
    </>
  );
}

function HoldSheet({ retention: { courseId, rules, inForce }, onClose }: { retention: Retention; onClose: () => void }) {
  const { t, i18n } = useTranslation();
  const { api } = useServices();
  const change = useChangeRetention(courseId);
  const [days, setDays] = useState<number>(LENGTHS[0]);
  const [reason, setReason] = useState(rules.hold?.reason ?? '');
  const until = new Date(api.clock.now() + days * DAY_MS).toISOString();
  const set = (hold: typeof rules.hold) => change.mutate({ ...rules, hold }, { onSuccess: onClose });
  const isTooLong = change.error instanceof ApiProblem && change.error.status === 422;
  return (
    <Sheet title={t('keep.hold')} closeLabel={t('common.close')} visible onClose={onClose}>
      <Text>{t('keep.holdDetail')}</Text>
      {inForce.held && rules.hold !== null ? <Text>{t('retention.held', { day: day(rules.hold.until, i18n.language) })}</Text> : null}
      <View role="radiogroup" aria-label={t('keep.howLong')} style={styles.choices}>
        {LENGTHS.map((length) => (
          <Choice key={length} label={t('keep.days', { count: length })} selected={length === days} onPress={() => setDays(length)} />
        ))}
      </View>
      <Text as="caption" tone="soft" aria-live="polite">
        {t('keep.until', { day: day(until, i18n.language) })}
      </Text>
      <TextField label={t('keep.reason')} help={t('items.optional')} value={reason} maxLength={300} onChangeText={setReason} />
      {change.isError ? (
        <Text tone="record" urgent>
          {isTooLong ? t('keep.tooLong') : messageOf(t, change.error)}
        </Text>
      ) : null}
      <Button
        kind="primary"
        label={t('common.save')}
        busy={change.isPending}
        onPress={() => set({ until, reason: reason.trim() === '' ? null : reason.trim() })}
      />
      {inForce.held ? <Button label={t('keep.endHold')} disabled={change.isPending} onPress={() => set(null)} /> : null}
      <Button label={t('common.cancel')} onPress={onClose} />
    </Sheet>
  );
}

const styles = StyleSheet.create({ choices: { flexDirection: 'row', flexWrap: 'wrap', gap: space.s } });
