import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { StyleSheet, View } from 'react-native';

import { messageOf } from '../app/messages';
import { Banner } from '../design/Banner';
import { Button } from '../design/Button';
import { Sheet } from '../design/Sheet';
import { Text } from '../design/Text';
import { TextField } from '../design/TextField';
import { space } from '../design/tokens';
import { day } from '../i18n/format';
import { Loaded } from '../reading/Loaded';
import { Hold } from './Hold';
import { daysOf, sentencesOf } from './days';
import { type Retention, type Rules, useChangeRetention, useRetention } from './queries';

/** What is kept until when, in sentences, and the course's own days. */
export function RetentionSection({ courseId }: { courseId: string }) {
  const { t } = useTranslation();
  const query = useRetention(courseId);
  const [changing, setChanging] = useState(false);
  return (
    <View style={styles.part}>
      <Text as="heading" level={2}>
        {t('retention.title')}
      </Text>
      <Loaded query={query} loading={t('retention.loading')} missing={t('manage.noCourse')}>
        {(retention) => (
          <>
            <InForce retention={retention} />
            <View style={styles.action}>
              <Button label={t('retention.change')} onPress={() => setChanging(true)} />
              <Hold retention={retention} />
            </View>
            {changing ? <DaysSheet retention={retention} onClose={() => setChanging(false)} /> : null}
          </>
        )}
      </Loaded>
    </View>
  );
}

function InForce({ retention: { inForce, rules } }: { retention: Retention }) {
  const { t, i18n } = useTranslation();
  return (
    <>
      {inForce.held && rules.hold !== null ? (
        <Banner kind="info" title={t('retention.held', { day: day(rules.hold.until, i18n.language) })} />
      ) : null}
      <View>
        {sentencesOf(t, inForce).map((sentence) => (
          <Text key={sentence}>{sentence}</Text>
        ))}
      </View>
    </>
  );
}

const FIELDS = [
  ['rawAudioDays', 'recordings'],
  ['transcriptDays', 'transcripts'],
  ['materialDays', 'material'],
] as const;

type Typed = Record<(typeof FIELDS)[number][0], string>;

/** A hold stays as it is: it has a sheet of its own. */
function DaysSheet({ retention: { courseId, rules, inForce }, onClose }: { retention: Retention; onClose: () => void }) {
  const { t } = useTranslation();
  const change = useChangeRetention(courseId);
  const [typed, setTyped] = useState<Typed>({
    rawAudioDays: String(rules.rawAudioDays ?? ''),
    transcriptDays: String(rules.transcriptDays ?? ''),
    materialDays: String(rules.materialDays ?? ''),
  });
  const [checked, setChecked] = useState(false);
  const save = () => {
    setChecked(true);
    const next: Rules = { ...rules };
    for (const [name] of FIELDS) {
      const days = daysOf(typed[name]);
      if (days === undefined) return;
      next[name] = days;
    }
    change.mutate(next, { onSuccess: onClose });
  };
  return (
    <Sheet title={t('retention.changeTitle')} closeLabel={t('common.close')} visible onClose={onClose}>
      {FIELDS.map(([name, label]) => (
        <TextField
          key={name}
          label={t(`retention.${label}`)}
          help={t('retention.help')}
          error={checked && daysOf(typed[name]) === undefined ? t('retention.invalid') : null}
          value={typed[name]}
          // The server's days, where the course has none of its own.
          placeholder={rules[name] === null ? String(inForce[name] ?? '') : ''}
          inputMode="numeric"
          maxLength={4}
          onChangeText={(text) => setTyped({ ...typed, [name]: text })}
          onSubmitEditing={save}
        />
      ))}
      <Text as="caption" tone="soft">
        {t('retention.effect')}
      </Text>
      {change.isError ? (
        <Text tone="record" urgent>
          {messageOf(t, change.error)}
        </Text>
      ) : null}
      <Button kind="primary" label={t('common.save')} busy={change.isPending} onPress={save} />
      <Button label={t('common.cancel')} onPress={onClose} />
    </Sheet>
  );
}

const styles = StyleSheet.create({
  part: { gap: space.m },
  action: { flexDirection: 'row', flexWrap: 'wrap', gap: space.m },
});
