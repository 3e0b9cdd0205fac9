import { Component, type ReactNode } from 'react';
import { View } from 'react-native';

import { EmptyState } from '../design/EmptyState';
import { Button } from '../design/Button';

interface Props {
  readonly title: string;
  readonly detail: string;
  readonly retry: string;
  readonly children: ReactNode;
}

/** Shows a sentence and a way on where a view's code failed. */
export class ErrorBoundary extends Component<Props, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    return (
      <View role="alert">
        <EmptyState title={this.props.title} detail={this.props.detail}>
          <Button label={this.props.retry} kind="primary" onPress={() => this.setState({ failed: false })} />
        </EmptyState>
      </View>
    );
  }
}
