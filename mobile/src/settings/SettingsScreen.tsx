import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Switch, View, StyleSheet } from 'react-native';

import { AccountData } from '../account/AccountData';
import { AccountSection } from '../account/AccountSection';
import { createApi, dataOf } from '../api/client';
import { useServices } from '../app/Services';
import { platform } from '../app/platform';
import { Banner } from '../design/Banner';
import { Button } from '../design/Button';
import { Choice } from '../design/Choice';
import { Screen } from '../design/Screen';
import { Text } from '../design/Text';
import { TextField } from '../design/TextField';
import { TOUCH, space } from '../design/tokens';
import { type Language, languages } from '../i18n';
import { useHistory } from '../navigation/Navigation';
import { parseAddress } from './address';

const NAMES: Record<Language, string> = { en: 'English', de: 'Deutsch', es: 'Español' };

export default function SettingsScreen() {
  const { t } = useTranslation();
  const history = useHistory();
  const { settings, changeSettings, device } = useServices();
  return (
    <Screen title={t('settings.title')} back={{ label: t('common.back'), onPress: () => history.back({ name: 'library' }) }}>
      {platform.choosesServer ? <Address /> : <Server />}
      <AccountSection />
      <View style={styles.group} role="radiogroup" aria-label={t('settings.language')}>
        <Text as="label">{t('settings.language')}</Text>
        <View style={styles.choices}>
          {[null, ...languages].map((language) => (
            <Choice
              key={language ?? 'device'}
              selected={settings.language === language}
              label={language === null ? t('settings.languageDevice') : NAMES[language]}
              onPress={() => void changeSettings({ language })}
            />
          ))}
        </View>
      </View>
      {device?.tellsNetworks ? (
        <View style={styles.row}>
          <Text as="label" style={styles.grow}>
            {t('settings.wifiOnly')}
          </Text>
          <Switch
            aria-label={t('settings.wifiOnly')}
            value={settings.wifiOnly}
            onValueChange={(wifiOnly) => void changeSettings({ wifiOnly })}
          />
        </View>
      ) : null}
      <AccountData />
    </Screen>
  );
}

/** Which server the page came from. */
function Server() {
  const { t } = useTranslation();
  const { api } = useServices();
  return (
    <View style={styles.server}>
      <Text as="label">{t('settings.address')}</Text>
      <Text tone="soft">{api.baseUrl}</Text>
    </View>
  );
}

type Check = 'none' | 'invalid' | 'asking' | 'unreachable' | 'saved';

/** The API's address. It is saved only if a server answers there. */
function Address() {
  const { t } = useTranslation();
  const { api, settings, builtInAddress, changeSettings } = useServices();
  const [text, setText] = useState(settings.apiBaseUrl ?? '');
  const [check, setCheck] = useState<Check>('none');

  const save = async () => {
    const address = text.trim() === '' ? builtInAddress : parseAddress(text);
    if (address === null) return setCheck('invalid');
    setCheck('asking');
    try {
      await dataOf(createApi({ baseUrl: address, fetch: platform.fetch }).client.GET('/health'), api.clock.now());
    } catch {
      return setCheck('unreachable');
    }
    await changeSettings({ apiBaseUrl: text.trim() === '' ? null : address });
    setCheck('saved');
  };

  return (
    <View style={styles.group}>
      <TextField
        label={t('settings.address')}
        help={t('settings.addressHelp')}
        error={check === 'invalid' ? t('settings.addressInvalid') : check === 'unreachable' ? t('settings.unreachable') : null}
        value={text}
        onChangeText={(value) => {
          setText(value);
          setCheck('none');
        }}
        inputMode="url"
        autoCapitalize="none"
        autoCorrect={false}
        placeholder={builtInAddress}
        onSubmitEditing={() => void save()}
      />
      {check === 'saved' ? <Banner kind="safe" title={t('settings.saved', { address: api.baseUrl })} /> : null}
      <Button kind="primary" label={t('common.save')} busy={check === 'asking'} onPress={() => void save()} />
    </View>
  );
}

const styles = StyleSheet.create({
  group: { gap: space.m },
  server: { gap: space.xs },
  choices: { flexDirection: 'row', flexWrap: 'wrap', gap: space.s },
  row: { flexDirection: 'row', alignItems: 'center', gap: space.m, minHeight: TOUCH },
  grow: { flex: 1 },
});
