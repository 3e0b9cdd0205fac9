"""The gRPC methods of `google.pubsub.v1.Publisher` and `Subscriber` that Pegasus uses."""

from collections.abc import Mapping

import grpc
from google import pubsub_v1

from scripts.local.delivery.rpc import Method, RefusedError, page
from scripts.local.pubsub.broker import Broker

_PULL_PATIENCE_SECONDS = 1.0


class PublisherService:
    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._registry = broker.registry

    def methods(self) -> Mapping[str, Method]:
        return {
            "CreateTopic": Method(pubsub_v1.Topic, self._create),
            "GetTopic": Method(pubsub_v1.GetTopicRequest, self._get),
            "ListTopics": Method(pubsub_v1.ListTopicsRequest, self._list),
            "DeleteTopic": Method(pubsub_v1.DeleteTopicRequest, self._delete),
            "Publish": Method(pubsub_v1.PublishRequest, self._publish),
        }

    def _create(self, topic: pubsub_v1.Topic) -> pubsub_v1.Topic:
        self._registry.create_topic(topic.name)
        return pubsub_v1.Topic(name=topic.name)

    def _get(self, request: pubsub_v1.GetTopicRequest) -> pubsub_v1.Topic:
        self._registry.check_topic(request.topic)
        return pubsub_v1.Topic(name=request.topic)

    def _list(self, request: pubsub_v1.ListTopicsRequest) -> pubsub_v1.ListTopicsResponse:
        names = [n for n in self._registry.topics() if n.startswith(f"{request.project}/topics/")]
        chosen, following = page(names, size=request.page_size, token=request.page_token)
        topics = [pubsub_v1.Topic(name=name) for name in chosen]
        return pubsub_v1.ListTopicsResponse(topics=topics, next_page_token=following)

    def _delete(self, request: pubsub_v1.DeleteTopicRequest) -> None:
        self._registry.delete_topic(request.topic)

    def _publish(self, request: pubsub_v1.PublishRequest) -> pubsub_v1.PublishResponse:
        if not request.messages:
            raise RefusedError(grpc.StatusCode.INVALID_ARGUMENT, "no messages to publish")
        ids = self._broker.publish(request.topic, request.messages)
        return pubsub_v1.PublishResponse(message_ids=ids)


class SubscriberService:
    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._registry = broker.registry

    def methods(self) -> Mapping[str, Method]:
        return {
            "CreateSubscription": Method(pubsub_v1.Subscription, self._create),
            "GetSubscription": Method(pubsub_v1.GetSubscriptionRequest, self._get),
            "ListSubscriptions": Method(pubsub_v1.ListSubscriptionsRequest, self._list),
            "UpdateSubscription": Method(pubsub_v1.UpdateSubscriptionRequest, self._update),
            "DeleteSubscription": Method(pubsub_v1.DeleteSubscriptionRequest, self._delete),
            "Pull": Method(pubsub_v1.PullRequest, self._pull),
            "Acknowledge": Method(pubsub_v1.AcknowledgeRequest, self._acknowledge),
        }

    def _create(self, resource: pubsub_v1.Subscription) -> pubsub_v1.Subscription:
        return self._broker.create_subscription(resource).resource

    def _get(self, request: pubsub_v1.GetSubscriptionRequest) -> pubsub_v1.Subscription:
        return self._registry.subscription(request.subscription).resource

    def _list(
        self, request: pubsub_v1.ListSubscriptionsRequest
    ) -> pubsub_v1.ListSubscriptionsResponse:
        prefix = f"{request.project}/subscriptions/"
        names = [name for name in self._registry.subscriptions() if name.startswith(prefix)]
        chosen, following = page(names, size=request.page_size, token=request.page_token)
        found = [self._registry.subscription(name).resource for name in chosen]
        return pubsub_v1.ListSubscriptionsResponse(subscriptions=found, next_page_token=following)

    def _update(self, request: pubsub_v1.UpdateSubscriptionRequest) -> pubsub_v1.Subscription:
        fields = list(request.update_mask.paths)
        return self._registry.update_subscription(request.subscription, fields).resource

    def _delete(self, request: pubsub_v1.DeleteSubscriptionRequest) -> None:
        self._broker.delete_subscription(request.subscription)

    def _pull(self, request: pubsub_v1.PullRequest) -> pubsub_v1.PullResponse:
        if request.max_messages < 1:
            raise RefusedError(grpc.StatusCode.INVALID_ARGUMENT, "max_messages must be positive")
        received = self._broker.pull(
            request.subscription, request.max_messages, patience=_PULL_PATIENCE_SECONDS
        )
        return pubsub_v1.PullResponse(received_messages=received)

    def _acknowledge(self, request: pubsub_v1.AcknowledgeRequest) -> None:
        self._broker.acknowledge(request.subscription, request.ack_ids)
