import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { StyleSheet, View } from 'react-native';

import type { Lecture } from '../api/client';
import { messageOf } from '../app/messages';
import { Button } from '../design/Button';
import { Choice } from '../design/Choice';
import { Sheet } from '../design/Sheet';
import { Text } from '../design/Text';
import { TextField } from '../design/TextField';
import { space } from '../design/tokens';
import { day } from '../i18n/format';
import { BASES, consentOf, typedOf, useRecordConsent } from './consent';

/** Who was informed of the recording, in a sentence; nothing where that is not recorded. */
export function ConsentNote({ lecture: { consent } }: { lecture: Lecture }) {
  const { t, i18n } = useTranslation();
  const parts = [
    ...(consent?.informed ? [t('consent.wereInformed', { informed: consent.informed })] : []),
    ...(consent?.at ? [t('consent.on', { day: day(consent.at, i18n.language) })] : []),
    ...(consent?.basis ? [t('consent.because', { basis: t(`consent.bases.${consent.basis}`) })] : []),
  ];
  if (parts.length === 0) return null;
  return (
    <Text as="caption" tone="soft">
      {parts.join(' ')}
    </Text>
  );
}

export function ConsentRecord({ lecture }: { lecture: Lecture }) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button label={t('consent.title')} onPress={() => setAsking(true)} />
      {asking ? <ConsentSheet lecture={lecture} onClose={() => setAsking(false)} /> : null}
    </>
  );
}

function ConsentSheet({ lecture, onClose }: { lecture: Lecture; onClose: () => void }) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(() => typedOf(lecture.consent));
  const [checked, setChecked] = useState(false);
  const record = useRecordConsent(lecture.lectureId);
  const consent = consentOf(typed);
  const save = () => {
    setChecked(true);
    if (consent !== undefined) record.mutate(consent, { onSuccess: onClose });
  };
  return (
    <Sheet title={t('consent.title')} closeLabel={t('common.close')} visible onClose={onClose}>
      <Text>{t('consent.detail')}</Text>
      <TextField
        label={t('consent.informed')}
        help={t('consent.informedHelp')}
        value={typed.informed}
        maxLength={1000}
        multiline
        onChangeText={(informed) => setTyped({ ...typed, informed })}
      />
      <TextField
        label={t('consent.day')}
        help={t('consent.dayHelp')}
        error={checked && consent === undefined ? t('consent.dayInvalid') : null}
        value={typed.day}
        maxLength={10}
        placeholder="2026-10-05"
        onChangeText={(text) => setTyped({ ...typed, day: text })}
      />
      <Text as="label">{t('consent.basis')}</Text>
      <View role="radiogroup" aria-label={t('consent.basis')} style={styles.choices}>
        <Choice label={t('consent.none')} selected={typed.basis === null} onPress={() => setTyped({ ...typed, basis: null })} />
        {BASES.map((basis) => (
          <Choice key={basis} label={t(`consent.bases.${basis}`)} selected={typed.basis === basis} onPress={() => setTyped({ ...typed, basis })} />
        ))}
      </View>
      {record.isError ? (
        <Text tone="record" urgent>
          {messageOf(t, record.error)}
        </Text>
      ) : null}
      <Button kind="primary" label={t('common.save')} busy={record.isPending} onPress={save} />
      <Button label={t('common.cancel')} onPress={onClose} />
    </Sheet>
  );
}

const styles = StyleSheet.create({ choices: { flexDirection: 'row', flexWrap: 'wrap', gap: space.s } });
