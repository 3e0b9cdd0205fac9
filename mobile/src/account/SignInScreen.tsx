import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { StyleSheet, View } from 'react-native';

import { Banner } from '../design/Banner';
import { Button } from '../design/Button';
import { Screen } from '../design/Screen';
import { Text } from '../design/Text';
import { TextField } from '../design/TextField';
import { space } from '../design/tokens';
import { type Session, type SignInCode, SignInError } from './types';

type Purpose = 'signIn' | 'register' | 'reset';

export interface Props {
  readonly session: Session;
}

/** Sign in, make an account, or have a link sent that sets another password. */
export default function SignInScreen({ session }: Props) {
  const { t } = useTranslation();
  const [purpose, setPurpose] = useState<Purpose>('signIn');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<SignInCode | null>(null);
  const [sentTo, setSentTo] = useState<string | null>(null);

  const turnTo = (next: Purpose) => {
    setPurpose(next);
    setFailed(null);
    setSentTo(null);
  };
  const submit = async () => {
    setBusy(true);
    setFailed(null);
    try {
      if (purpose === 'signIn') await session.signIn(email.trim(), password);
      else if (purpose === 'register') await session.register(email.trim(), password);
      else {
        await session.sendPasswordReset(email.trim());
        setSentTo(email.trim());
      }
    } catch (error) {
      // The answer must not disclose whether an address has an account.
      if (purpose === 'reset' && error instanceof SignInError && error.code === 'wrong_credentials') {
        setSentTo(email.trim());
      } else setFailed(error instanceof SignInError ? error.code : 'unknown');
    } finally {
      setBusy(false);
    }
  };

  const ofEmail = failed === 'email_invalid' || failed === 'email_taken';
  const ofPassword = failed === 'password_weak' || failed === 'password_missing';
  const message = failed === null ? null : t(`account.failures.${failed}`);
  return (
    <Screen title={t(`account.${purpose}.title`)} subtitle={t('account.subtitle')}>
      <View style={styles.form}>
        {sentTo === null ? null : <Banner kind="safe" title={t('account.reset.sent', { email: sentTo })} />}
        {message === null || ofEmail || ofPassword ? null : <Banner kind="error" title={message} />}
        <TextField
          label={t('account.email')}
          value={email}
          onChangeText={setEmail}
          inputMode="email"
          autoComplete="email"
          autoCapitalize="none"
          autoCorrect={false}
          error={ofEmail ? message : null}
          onSubmitEditing={() => void submit()}
        />
        {purpose === 'reset' ? null : (
          <TextField
            label={t('account.password')}
            value={password}
            onChangeText={setPassword}
            secureTextEntry
            autoComplete={purpose === 'register' ? 'new-password' : 'current-password'}
            autoCapitalize="none"
            {...(purpose === 'register' ? { help: t('account.passwordHelp') } : {})}
            error={ofPassword ? message : null}
            onSubmitEditing={() => void submit()}
          />
        )}
        <Button kind="primary" label={t(`account.${purpose}.action`)} busy={busy} onPress={() => void submit()} />
        {purpose === 'signIn' ? (
          <>
            <Button label={t('account.toRegister')} onPress={() => turnTo('register')} />
            <Button label={t('account.toReset')} onPress={() => turnTo('reset')} />
          </>
        ) : (
          <Button label={t('account.toSignIn')} onPress={() => turnTo('signIn')} />
        )}
        <Text as="caption" tone="soft">
          {t('account.privacy')}
        </Text>
      </View>
    </Screen>
  );
}

const styles = StyleSheet.create({ form: { gap: space.l, maxWidth: 420 } });
