package main

import "strings"

// usualScene is the conversation in which most faults show: five bytes and
// their echo.
const usualScene = "conversation/small-echo"

// faultScenes names the scenario of the library that brings a fault out, where
// it takes more than the usual conversation. Those of the topic "faults" are in
// testdata/faults: they give the judge time to see that nothing comes.
var faultScenes = map[string]string{
	"window-of-syn-scaled":               "opening/handshake-with-all-options",
	"dsack-uncalled":                     "sack/block-of-the-hole",
	"right-edge-moves-left":              "conversation/bulk-echo",
	"rst-invented":                       "closing/half-close-receives-on",
	"ack-too-high":                       "closing/we-close-first",
	"seq-of-ack-too-high":                "closing/we-close-first",
	"seq-of-ack-too-low":                 "closing/we-close-first",
	"keepalive-with-data":                "faults/keepalive-after-data",
	"ect-on-retransmission":              "conversation/first-data-segment-lost",
	"ect-on-probe":                       "ecn/probes-are-not-marked",
	"third-ack-missing":                  "conversation/synack-lost",
	"cwr-missing":                        "faults/congestion-echo-and-more-data",
	"ece-missing":                        "ecn/mark-is-echoed-until-cwr",
	"retransmission-changed":             "conversation/first-data-segment-lost",
	"rst-number-wrong":                   "closing/linger-zero-draws-a-reset",
	"rst-ignored":                        "closing/reset-in-fin-wait-1",
	"ack-withheld":                       "closing/half-close-receives-on",
	"ack-late":                           "receive/lone-segment-is-acknowledged-within-half-a-second",
	"fin-not-acknowledged":               "closing/peer-closes-first",
	"window-overrun":                     "window/window-update-alone-lets-data-go",
	"data-into-zero-window":              "window/window-update-alone-lets-data-go",
	"window-shifted-twice":               "opening/handshake-with-all-options",
	"window-not-shifted":                 "opening/handshake-with-all-options",
	"mss-ignored":                        "synack/tiny-mss-is-obeyed",
	"mss-default-ignored":                "synack/no-mss-means-the-default",
	"mss-counts-no-options":              "synack/timestamps-count-against-the-mss",
	"window-silly":                       "window/application-that-does-not-read-closes-it",
	"probe-missing":                      "faults/window-opens-late",
	"probe-not-backed-off":               "window/zero-window-is-probed-and-the-wait-doubles",
	"probe-at-once":                      "faults/window-opens-late",
	"probe-unanswered":                   "window/closed-window-acknowledges-probes",
	"timestamps-uncalled":                "synack/no-timestamps-none-sent",
	"tsval-goes-back":                    "conversation/bulk-echo",
	"tsval-frozen":                       "timestamps/echo-of-a-number-never-sent",
	"tsecr-frozen":                       "conversation/bulk-echo",
	"timestamps-lack-accepted":           "timestamps/missing-one-drops-the-segment",
	"paws-missing":                       "timestamps/old-segment-is-dropped-and-acknowledged",
	"sack-unasked":                       "synack/no-sack-no-blocks",
	"sack-block-ahead":                   "sack/block-of-the-hole",
	"sack-block-reversed":                "sack/block-of-the-hole",
	"sack-missing":                       "sack/latest-block-comes-first",
	"sack-oldest-first":                  "sack/latest-block-comes-first",
	"gap-unacknowledged":                 "faults/gap-for-two-seconds",
	"gap-data-forgotten":                 "faults/gap-that-fills",
	"duplicate-unacknowledged":           "faults/duplicate-then-data",
	"retransmission-missing":             "loss/lone-segment-is-repeated-after-the-timeout",
	"retransmission-early":               "loss/slow-peer-changes-the-estimate",
	"retransmission-not-backed-off":      "loss/timeout-doubles",
	"retransmission-of-the-last":         "loss/timeout-begins-again-with-one-segment",
	"fast-retransmission-missing":        "loss/first-of-four-without-sack",
	"syn-repeated-early":                 "opening/syn-lost-once-is-repeated-after-a-second",
	"initial-window-too-large":           "congestion/initial-window",
	"slow-start-too-fast":                "conversation/bulk-echo",
	"keepalive-with-data-outstanding":    "keepalive/not-while-data-is-outstanding",
	"checksum-not-verified":              "damage/bad-checksum-is-dropped",
	"challenge-to-rst-missing":           "faults/reset-inside-the-window-then-data",
	"rst-in-window-believed":             "faults/reset-inside-the-window-then-data",
	"challenge-to-syn-missing":           "attack/syn-outside-the-window-draws-a-challenge",
	"ack-of-the-future-unanswered":       "faults/ack-of-the-future-then-data",
	"ack-of-the-future-believed":         "faults/ack-of-the-future-then-data",
	"data-without-ack-taken":             "receive/segment-without-ack-is-dropped",
	"wrong-ack-in-syn-sent-unanswered":   "opening/wrong-ack-in-syn-sent-draws-a-reset",
	"repeated-fin-unanswered":            "timewait/repeated-fin-is-acknowledged-and-restarts",
	"simultaneous-open-missing":          "opening/simultaneous-open",
	"outside-the-window-unanswered":      "faults/outside-the-window-then-data",
	"ack-every-second-missing":           "faults/four-full-segments",
	"dscp-of-pure-acks":                  "closing/half-close-receives-on",
	"ece-after-cwr":                      "ecn/mark-is-echoed-until-cwr",
	"padding-is-data":                    "attack/challenges-are-limited",
	"psh-missing-on-full":                "closing/close-behind-queued-data-in-the-network",
	"third-ack-unscaled":                 "opening/handshake-with-all-options",
	"window-byte-order":                  "conversation/bulk-echo",
	"probe-empty":                        "window/old-acknowledgement-does-not-change-it",
	"probe-of-garbage":                   "faults/one-octet-into-a-closed-window",
	"tsval-back-after-idle":              "faults/data-after-a-pause",
	"tsval-in-microseconds":              "faults/data-after-a-pause",
	"tsval-byte-order":                   "conversation/lone-data-segment-lost-twice",
	"tsecr-of-the-gap":                   "timestamps/segment-behind-a-hole-is-not-echoed",
	"tsecr-of-the-latest":                "sack/three-blocks-beside-timestamps",
	"sack-right-edge-inclusive":          "sack/block-of-the-hole",
	"sack-hides-the-hole":                "sack/block-of-the-hole",
	"sack-blocks-touch":                  "sack/block-of-the-hole",
	"sack-block-stale":                   "conversation/echo-reordered-by-two",
	"ack-stale-in-retransmission":        "faults/data-while-data-is-lost",
	"tsecr-stale-in-retransmission":      "faults/data-while-data-is-lost",
	"retransmission-skips-an-octet":      "congestion/slow-start-after-a-timeout",
	"retransmission-of-the-acknowledged": "faults/data-after-a-pause",
	"fin-again-though-acknowledged":      "closing/fin-wait-2-stays-while-the-application-reads",
	"df-cleared-in-retransmission":       "conversation/first-data-segment-lost",
	"go-back-n":                          "window/shrinks-below-the-flight",
	"gap-acknowledged":                   "faults/gap-for-two-seconds",
	"gap-acknowledged-late":              "faults/gap-for-two-seconds",
	"beyond-the-window-acknowledged":     "receive/data-outside-the-window-is-dropped",
	"duplicate-takes-ack-back":           "conversation/echo-reordered-by-two",
	"synack-again-unanswered":            "faults/synack-again-then-data",
	"synack-again-reset":                 "faults/synack-again-then-data",
	"simultaneous-open-behind-the-isn":   "opening/simultaneous-open",
	"rst-answers-rst":                    "opening/closed-port-answers-with-a-reset",
	"rst-number-of-the-next":             "opening/ack-of-nothing-in-syn-sent-draws-a-reset",
	"rst-ack-without-length":             "faults/segment-to-a-closed-port-later",
	"half-closed-deaf":                   "closing/half-close-receives-on",
	"half-closed-window-shut":            "closing/half-close-receives-on",
	"fin-counted-twice":                  "closing/repeated-fin-in-close-wait",
	"fin-behind-data-unacknowledged":     "faults/fin-with-data",
	"fin-acknowledged-late":              "faults/fin-with-data",
	"time-wait-resets":                   "conversation/everything-twice",
	"keepalive-at-the-next-number":       "keepalive/probes-an-idle-connection",
	"ack-carry-lost":                     "conversation/bulk-echo",
	"ack-of-acks":                        "conversation/bulk-echo",
	"ack-thrice":                         "conversation/bulk-echo",
}

// sceneOf names the scenario that brings a fault out.
func sceneOf(name string) string {
	if scene, ok := faultScenes[name]; ok {
		return scene
	}
	return usualScene
}

// ownScenes is the topic of the scenarios that are not in the library.
const ownScenes = "faults/"

// sceneFile is where a scenario is in the source.
func sceneFile(scene string) string {
	if strings.HasPrefix(scene, ownScenes) {
		return "cmd/tcping-cmp/testdata/" + scene + ".pkt"
	}
	return "compare/scenario/library/" + scene + ".pkt"
}
