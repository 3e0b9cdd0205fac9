import { Component, type ReactNode } from 'react';
import { View } from 'react-native';

import { EmptyState } from '../design/EmptyState';
import { Button } from '../design/Button';

interface Props {
  readonly title: string;
  readonly detail: string;
  readonly retry: string;
  readonly onRetry: () => void;
  readonly children: ReactNode;
}

/** Shows a sentence and a way on where a view's code failed. */
export class ErrorBoundary extends Component<Props, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  private readonly retry = () => {
    this.props.onRetry();
    this.setState({ failed: false });
  };

  override render() {
    if (!this.state.failed) return this.props.children;
    return (
      <View role="alert">
        <EmptyState title={this.props.title} detail={this.props.detail}>
          <Button label={this.props.retry} kind="primary" onPress={this.retry} />
        </EmptyState>
      </View>
    );
  }
}
