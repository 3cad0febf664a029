import { STOCK_UNITS } from "../../invariants/invariants.metrics";
import { AUTH_METRICS } from "../../services/auth/auth.metrics";
import { PAYMENT_METRICS } from "../../services/payments/payments.metrics";
import { SHIPPING_METRICS } from "../../services/shipping/shipping.metrics";
import { series, type Alert } from "./alert";

const { begun, refunds, unmatchedNotifications, differences } = PAYMENT_METRICS;
/** Reasons for which a notification is not shown to be the channel's. */
const NOT_SHOWN = "malformed|signature|stale|serial";

export const shopAlerts: readonly Alert[] = [
	{
		name: "MallStockHeld",
		expression: `max by (namespace) (${STOCK_UNITS.name}{state="reserved"}) > 0.3 * sum by (namespace) (max by (namespace, state) (${STOCK_UNITS.name}{state=~"available|reserved"}))`,
		holds: "1h",
		severity: "warning",
		summary:
			"Orders that nobody has paid hold {{ $value }} units of {{ $labels.namespace }}, over 30 % of its stock",
		test: {
			series: {
				[series(STOCK_UNITS, 'state="reserved"')]: "400x90",
				[series(STOCK_UNITS, 'state="available"')]: "600x90",
				[series(STOCK_UNITS, 'state="sold"')]: "9000x90"
			},
			quietAt: "59m",
			firesAt: "61m",
			labels: { namespace: "mall" },
			summary: "Orders that nobody has paid hold 400 units of mall, over 30 % of its stock"
		}
	},
	{
		name: "MallPaymentsNotBegun",
		expression: `sum by (namespace, channel) (increase(${begun.name}{outcome!="created"}[5m])) > 0.2 * sum by (namespace, channel) (increase(${begun.name}[5m]))`,
		holds: "1m",
		severity: "critical",
		summary: "Shoppers of {{ $labels.namespace }} can't begin to pay by {{ $labels.channel }}",
		test: {
			series: {
				[series(begun, 'channel="alipay",outcome="created"')]: "0+6x20",
				[series(begun, 'channel="alipay",outcome="unknown"')]: "0+4x20",
				[series(begun, 'channel="wechat",outcome="created"')]: "0+9x20",
				[series(begun, 'channel="wechat",outcome="unknown"')]: "0+1x20"
			},
			quietAt: "1m",
			firesAt: "4m",
			labels: { namespace: "mall", channel: "alipay" },
			summary: "Shoppers of mall can't begin to pay by alipay"
		}
	},
	{
		name: "MallPaymentNotificationUnmatched",
		expression: `sum by (namespace, channel, reason) (increase(${unmatchedNotifications.name}{reason!~"${NOT_SHOWN}"}[1h])) > 0`,
		severity: "warning",
		summary:
			"A notification that {{ $labels.channel }} signed does not fit {{ $labels.namespace }}: {{ $labels.reason }}",
		test: {
			series: {
				[series(unmatchedNotifications, 'channel="wechat",reason="wrong_amount"')]: "0 0 1x10",
				[series(unmatchedNotifications, 'channel="wechat",reason="signature"')]: "0 0 1x10"
			},
			quietAt: "1m",
			firesAt: "4m",
			labels: { namespace: "mall", channel: "wechat", reason: "wrong_amount" },
			summary: "A notification that wechat signed does not fit mall: wrong_amount"
		}
	},
	{
		name: "MallPaymentNotificationsRejected",
		expression: `sum by (namespace, channel) (increase(${unmatchedNotifications.name}{reason=~"${NOT_SHOWN}"}[10m])) > 10`,
		severity: "warning",
		summary: "Notifications in the name of {{ $labels.channel }} are rejected by {{ $labels.namespace }}",
		test: {
			series: { [series(unmatchedNotifications, 'channel="alipay",reason="signature"')]: "0+4x20" },
			quietAt: "1m",
			firesAt: "6m",
			labels: { namespace: "mall", channel: "alipay" },
			summary: "Notifications in the name of alipay are rejected by mall"
		}
	},
	{
		name: "MallRefundsFail",
		expression: `sum by (namespace, channel) (increase(${refunds.name}{outcome="failed"}[1h])) > 0`,
		severity: "warning",
		summary: "{{ $labels.channel }} does not pay out refunds of {{ $labels.namespace }}",
		test: {
			series: { [series(refunds, 'channel="wechat",outcome="failed"')]: "0 0 1x10" },
			quietAt: "1m",
			firesAt: "4m",
			labels: { namespace: "mall", channel: "wechat" },
			summary: "wechat does not pay out refunds of mall"
		}
	},
	{
		name: "MallBooksDiffer",
		expression: `sum by (namespace, channel) (increase(${differences.name}[1d])) > 0`,
		severity: "warning",
		summary: "The bill of {{ $labels.channel }} and the books of {{ $labels.namespace }} differ",
		test: {
			series: { [series(differences, 'channel="alipay"')]: "0 0 2x10" },
			quietAt: "1m",
			firesAt: "4m",
			labels: { namespace: "mall", channel: "alipay" },
			summary: "The bill of alipay and the books of mall differ"
		}
	},
	{
		name: "MallTrackingPushesForged",
		expression: `sum by (namespace) (increase(${SHIPPING_METRICS.pushes.name}{outcome="forged"}[10m])) > 10`,
		severity: "warning",
		summary: "Pushes to {{ $labels.namespace }} in the name of the tracking service are forged",
		test: {
			series: { [series(SHIPPING_METRICS.pushes, 'outcome="forged"')]: "0+4x20" },
			quietAt: "1m",
			firesAt: "6m",
			labels: { namespace: "mall" },
			summary: "Pushes to mall in the name of the tracking service are forged"
		}
	},
	{
		name: "MallSmsRefused",
		expression: `sum by (namespace, provider) (increase(${AUTH_METRICS.sms.name}{outcome="refused"}[10m])) > 0.5 * sum by (namespace, provider) (increase(${AUTH_METRICS.sms.name}[10m]))`,
		holds: "2m",
		severity: "critical",
		summary: "{{ $labels.provider }} refuses most text messages of {{ $labels.namespace }}",
		test: {
			series: {
				[series(AUTH_METRICS.sms, 'provider="aliyun",outcome="accepted"')]: "0+1x20",
				[series(AUTH_METRICS.sms, 'provider="aliyun",outcome="refused"')]: "0+3x20"
			},
			quietAt: "2m",
			firesAt: "6m",
			labels: { namespace: "mall", provider: "aliyun" },
			summary: "aliyun refuses most text messages of mall"
		}
	}
];
