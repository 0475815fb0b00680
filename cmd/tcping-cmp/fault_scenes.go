package main

// usualScene is the conversation in which most faults show: five bytes and
// their echo.
const usualScene = "conversation/small-echo"

// faultScenes names the scenario of the library that brings a fault out, where
// it takes more than the usual conversation.
var faultScenes = map[string]string{
	"ect-on-retransmission":            "conversation/first-data-segment-lost",
	"ect-on-probe":                     "window/zero-window-is-probed-and-the-wait-doubles",
	"urgent-pointer-short":             "urgent/sent-with-a-pointer-behind-it",
	"third-ack-missing":                "conversation/synack-lost",
	"cwr-missing":                      "ecn/echo-halves-the-window-once",
	"ece-missing":                      "ecn/mark-is-echoed-until-cwr",
	"retransmission-changed":           "conversation/first-data-segment-lost",
	"rst-number-wrong":                 "closing/linger-zero-draws-a-reset",
	"rst-ignored":                      "closing/reset-in-fin-wait-1",
	"ack-withheld":                     "receive/lone-segment-is-acknowledged-within-half-a-second",
	"ack-late":                         "receive/lone-segment-is-acknowledged-within-half-a-second",
	"fin-not-acknowledged":             "closing/we-close-first",
	"window-overrun":                   "window/window-update-alone-lets-data-go",
	"data-into-zero-window":            "window/window-update-alone-lets-data-go",
	"window-shifted-twice":             "opening/handshake-with-all-options",
	"window-not-shifted":               "window/application-that-does-not-read-closes-it",
	"mss-ignored":                      "synack/tiny-mss-is-obeyed",
	"mss-default-ignored":              "synack/no-mss-means-the-default",
	"mss-counts-no-options":            "conversation/bulk-echo",
	"window-silly":                     "window/application-that-does-not-read-closes-it",
	"probe-missing":                    "window/zero-window-is-probed-and-the-wait-doubles",
	"probe-not-backed-off":             "window/zero-window-is-probed-and-the-wait-doubles",
	"probe-at-once":                    "window/zero-window-is-probed-and-the-wait-doubles",
	"probe-unanswered":                 "window/closed-window-acknowledges-probes",
	"timestamps-uncalled":              "synack/no-timestamps-none-sent",
	"tsval-goes-back":                  "conversation/bulk-echo",
	"tsval-frozen":                     "timestamps/repetition-has-the-present-time",
	"tsecr-frozen":                     "conversation/bulk-echo",
	"timestamps-lack-accepted":         "timestamps/missing-one-drops-the-segment",
	"paws-missing":                     "timestamps/old-segment-is-dropped-and-acknowledged",
	"sack-unasked":                     "synack/no-sack-no-blocks",
	"sack-block-ahead":                 "sack/block-of-the-hole",
	"sack-block-reversed":              "sack/block-of-the-hole",
	"sack-missing":                     "sack/block-of-the-hole",
	"sack-oldest-first":                "sack/latest-block-comes-first",
	"dsack-missing":                    "sack/duplicate-is-reported",
	"gap-unacknowledged":               "reorder/data-by-many-draws-an-ack-for-each",
	"gap-data-forgotten":               "reorder/data-by-many-draws-an-ack-for-each",
	"duplicate-unacknowledged":         "receive/duplicate-is-acknowledged-at-once",
	"retransmission-missing":           "loss/lone-segment-is-repeated-after-the-timeout",
	"retransmission-early":             "loss/lone-segment-is-repeated-after-the-timeout",
	"retransmission-not-backed-off":    "loss/timeout-doubles",
	"retransmission-of-the-last":       "loss/timeout-begins-again-with-one-segment",
	"fast-retransmission-missing":      "loss/first-of-four-without-sack",
	"syn-repeated-early":               "opening/syn-lost-once-is-repeated-after-a-second",
	"initial-window-too-large":         "congestion/initial-window",
	"slow-start-too-fast":              "congestion/slow-start-opens-by-a-segment-an-ack",
	"keepalive-uncalled":               "keepalive/off-by-default",
	"keepalive-with-data-outstanding":  "keepalive/not-while-data-is-outstanding",
	"nagle-missing":                    "sending/small-writes-wait-for-the-acknowledgement",
	"checksum-not-verified":            "damage/bad-checksum-is-dropped",
	"challenge-to-rst-missing":         "attack/reset-inside-the-window-draws-a-challenge",
	"rst-in-window-believed":           "attack/reset-inside-the-window-draws-a-challenge",
	"challenge-to-syn-missing":         "attack/syn-in-the-window-draws-a-challenge",
	"ack-of-the-future-unanswered":     "receive/ack-of-the-future-drops-the-data",
	"ack-of-the-future-believed":       "receive/ack-of-the-future-drops-the-data",
	"data-without-ack-taken":           "receive/segment-without-ack-is-dropped",
	"wrong-ack-in-syn-sent-unanswered": "opening/wrong-ack-in-syn-sent-draws-a-reset",
	"closed-port-silent":               "closing/segments-after-last-ack-draw-a-reset",
	"repeated-fin-unanswered":          "timewait/repeated-fin-is-acknowledged-and-restarts",
	"simultaneous-open-missing":        "opening/simultaneous-open",
	"outside-the-window-unanswered":    "receive/data-outside-the-window-is-dropped",
	"ack-every-second-missing":         "receive/every-second-full-segment-is-acknowledged",
}

// sceneOf names the scenario that brings a fault out.
func sceneOf(name string) string {
	if scene, ok := faultScenes[name]; ok {
		return scene
	}
	return usualScene
}
