package main

import "tcping-cmp/cmd/tcping-cmp/manual"

// The exit statuses as most commands have them.
var (
	nothingWrong = manual.Status{Code: "0", Meaning: "nothing wrong"}
	trouble      = manual.Status{Code: "2", Meaning: "trouble: usage, permission, a file that cannot be read or written"}
	networkToo   = manual.Status{Code: "2", Meaning: "trouble: usage, permission, unreachable, timeout, a file that cannot be read or written"}
	signalled    = manual.Status{Code: "130, 143", Meaning: "ended by SIGINT, SIGTERM"}
	found        = manual.Status{Code: "1", Meaning: "the stack under test breaks a MUST or shows a difference that no rule explains"}
	printed      = manual.Status{Code: "0", Meaning: "printed"}
)

// guides are the examples and the exit statuses of every command.
var guides = manual.Guides{
	"": {
		Title: "Let two TCPs hold the same conversation and see where they differ",
		About: []string{
			"One TCP is written by hand, the other is the reference: gVisor's netstack, or the Linux kernel's. Every Ethernet frame of both is recorded. The report says where they differ, which difference matters, which side is wrong, and which clause of which RFC decides.",
			"Results go to standard output, everything else to standard error.",
		},
		Examples: []manual.Example{
			{Does: "Compare the hand-made stack with netstack in the lab.", Command: "tcping-cmp run"},
			{Does: "Compare them against a real server.", Command: "tcping-cmp run 192.0.2.7:80 --send-file request --expect-bytes 248"},
			{Does: "What does this machine allow?", Command: "tcping-cmp doctor"},
		},
		Statuses: []manual.Status{
			nothingWrong,
			{Code: "1", Meaning: "the stack under test breaks a MUST or shows a difference that no rule explains; a ping failed; a part of the program cannot work here (doctor)"},
			{Code: "2", Meaning: "trouble: usage, permission, unreachable, timeout, a file that cannot be read or written"},
			signalled,
		},
		Environment: []manual.Variable{
			{Name: "NO_COLOR", Meaning: "No colour, if it is not empty. --color beats it."},
			{Name: "CLICOLOR_FORCE, FORCE_COLOR", Meaning: "Colour also where there is no terminal, if not empty and not 0. NO_COLOR beats them."},
			{Name: "TERM", Meaning: "dumb means no colour, no pager and no live line."},
			{Name: "LC_ALL, LC_CTYPE, LANG", Meaning: "Without UTF-8 in the first that is set, nothing beyond ASCII is drawn."},
			{Name: "TCPING_CMP_PAGER, PAGER", Meaning: "The program that shows what does not fit on the terminal; the first that is set counts, empty or cat means none. Without them it is less -FRX."},
			{Name: "CI", Meaning: "If it is not empty there is no live line."},
		},
	},
	"run": {
		About: []string{
			"Without HOST:PORT it happens in the lab, which needs root, or a user who may make namespaces and open /dev/net/tun; where neither is so, over a wire in memory. With HOST:PORT the frames go over an interface of this host, which needs root or CAP_NET_RAW; no firewall is touched, and a socket that hears nothing keeps our own kernel from answering.",
		},
		Examples: []manual.Example{
			{Does: "In the lab, against the Linux kernel's echo server.", Command: "tcping-cmp run"},
			{Does: "All three stacks, five times each, so that noise is told from difference.", Command: "tcping-cmp run --stack handcrafted --stack kernel --repeat 5"},
			{Does: "A web server; the frames go to a file for Wireshark.", Command: "tcping-cmp run 192.0.2.7:80 --send-file request --expect-bytes 248 --pcap run.pcapng"},
			{Does: "Keep comparing while you change the server, until Ctrl-C.", Command: "tcping-cmp run 192.0.2.7:63751 --watch 2s"},
			{Does: "Lose a segment, as a scenario of the library says.", Command: "tcping-cmp run --scenario conversation/second-data-segment-lost"},
			{Does: "Make the stack misbehave, to see the judge find it.", Command: "tcping-cmp run --fault fin-without-ack"},
			{Does: "For programs: JSON Lines with one summary at the end.", Command: "tcping-cmp run --format json"},
			{Does: "Fail on what is not in the baseline, and on nothing else.", Command: "tcping-cmp run --baseline accepted.json"},
			{Does: "Every format, the frames and an index, in one folder.", Command: "tcping-cmp run --output result"},
		},
		Statuses: []manual.Status{
			nothingWrong, found, networkToo,
			{Code: "130, 143", Meaning: "ended by SIGINT, SIGTERM; with --watch SIGINT is the usual end after the first round, and the status is that of the worst round"},
		},
	},
	"ping": {
		Examples: []manual.Example{
			{Does: "Four connections to an echo server, one a second.", Command: "tcping-cmp ping 192.0.2.7:63751"},
			{Does: "A thousand in the lab, only the summary.", Command: "tcping-cmp ping --count 1000 --interval 0s --quiet"},
		},
		Statuses: []manual.Status{
			{Code: "0", Meaning: "every connection was good"}, {Code: "1", Meaning: "one failed"}, networkToo, signalled,
		},
	},
	"serve": {
		Examples: []manual.Example{
			{Does: "An echo server for run and ping, on all addresses.", Command: "tcping-cmp serve"},
			{Does: "Send a gibibyte to whoever connects.", Command: "tcping-cmp serve --port 7000 --manners source --bytes 1073741824"},
		},
		Statuses: []manual.Status{trouble, {Code: "130, 143", Meaning: "ended by SIGINT, SIGTERM, which is the usual end"}},
	},
	"diff": {
		Examples: []manual.Example{
			{Does: "curl, as tcpdump saw it, and a run of our own.", Command: "tcping-cmp diff curl.pcap own.pcapng --flow :80 --flow handcrafted"},
			{Does: "A report for a pull request.", Command: "tcping-cmp diff before.pcapng after.pcapng --flow handcrafted --format markdown"},
		},
		Statuses: []manual.Status{nothingWrong, found, trouble},
	},
	"report": {
		Examples: []manual.Example{
			{Does: "Save now, look later.", Command: "tcping-cmp report result.jsonl"},
			{Does: "A page for a browser, of several results.", Command: "tcping-cmp report monday.jsonl tuesday.jsonl --format html"},
		},
		Statuses: []manual.Status{{Code: "any", Meaning: "as the command ended whose result it is"}, trouble},
	},
	"baseline save": {
		Examples: []manual.Example{
			{Does: "Accept what a result shows.", Command: "tcping-cmp baseline save accepted.json result.jsonl"},
			{Does: "Keep deviations and worse only.", Command: "tcping-cmp baseline save --least deviation accepted.json result.jsonl"},
			{Does: "Add what another result shows.", Command: "tcping-cmp baseline save --add accepted.json result.jsonl"},
		},
		Statuses: []manual.Status{{Code: "0", Meaning: "written"}, trouble},
	},
	"baseline check": {
		Examples: []manual.Example{
			{Does: "Is anything new?", Command: "tcping-cmp baseline check accepted.json result.jsonl"},
			{Does: "What is gone counts, too: the file is to be up to date.", Command: "tcping-cmp baseline check --strict accepted.json result.jsonl"},
		},
		Statuses: []manual.Status{
			{Code: "0", Meaning: "nothing is new"},
			{Code: "1", Meaning: "a difference is new or worse than in the baseline; with --strict also: one is gone"}, trouble,
		},
	},
	"check": {
		Examples: []manual.Example{
			{Does: "Judge every conversation of a capture.", Command: "tcping-cmp check capture.pcapng"},
			{Does: "One conversation, captured at the client itself.", Command: "tcping-cmp check --at client --flow 192.0.2.7:443 capture.pcapng"},
			{Does: "Its frames, with the states of both ends, and headers where a rule is broken.", Command: "tcping-cmp check -vv --flow 192.0.2.7:443 capture.pcapng"},
		},
		Statuses: []manual.Status{nothingWrong, {Code: "1", Meaning: "a conversation breaks a MUST"}, trouble},
	},
	"wireshark": {
		Examples: []manual.Example{
			{Does: "Make the profile for this user; wireshark -C tcping-cmp FILE opens a capture with it.", Command: "tcping-cmp wireshark ~/.config/wireshark/profiles/tcping-cmp"},
			{Does: "Only the colour rules, for View, Coloring Rules, Import.", Command: "tcping-cmp wireshark > colorfilters"},
		},
		Statuses: []manual.Status{{Code: "0", Meaning: "written"}, trouble},
	},
	"rules": {
		Examples: []manual.Example{
			{Does: "All of them.", Command: "tcping-cmp rules"},
			{Does: "What one means, and how it is judged.", Command: "tcping-cmp rules MUST-34"},
		},
		Statuses: []manual.Status{printed, {Code: "2", Meaning: "there is no such requirement"}},
	},
	"script": {
		Examples: []manual.Example{
			{Does: "Play a script to both stacks and compare them.", Command: "tcping-cmp script close.pkt"},
			{Does: "Judge the hand-made stack as packetdrill would.", Command: "tcping-cmp script --oracle strict scripts/"},
			{Does: "Fail on what is new; every format, the comparisons and frames in one folder.", Command: "tcping-cmp script --baseline accepted.json --output result scripts/"},
			{Does: "Public scripts with a symbol that their runner defines.", Command: "tcping-cmp script -D MSS=1460 packetdrill/gtests/net/tcp"},
		},
		Statuses: []manual.Status{nothingWrong, {Code: "1", Meaning: "something was found, by the oracle or in the comparison"}, trouble, signalled},
	},
	"suite": {
		Examples: []manual.Example{
			{Does: "The whole library.", Command: "tcping-cmp suite"},
			{Does: "What there is about windows.", Command: "tcping-cmp suite --list window/"},
			{Does: "A page with the matrix, from which each cell opens its frames.", Command: "tcping-cmp suite --output result"},
			{Does: "All about one scenario.", Command: "tcping-cmp suite --replay closing/we-close-first"},
			{Does: "Let the scripts decide, and not the reference.", Command: "tcping-cmp suite --oracle shape"},
		},
		Statuses: []manual.Status{nothingWrong, {Code: "1", Meaning: "a stack under test breaks a MUST or differs from the reference in what neither a rule nor a declaration explains; by --oracle shape or strict, it does what no scenario expects and nobody declared"}, trouble, signalled},
	},
	"faults": {
		Examples: []manual.Example{
			{Does: "All of them.", Command: "tcping-cmp faults"},
			{Does: "What one breaks, and where it shows.", Command: "tcping-cmp faults fin-without-ack"},
		},
		Statuses: []manual.Status{printed, {Code: "2", Meaning: "there is no such fault"}},
	},
	"bench": {
		Examples: []manual.Example{
			{Does: "Everything, as in the README.", Command: "tcping-cmp bench"},
			{Does: "Only bulk transfers, at a gibibyte each.", Command: "tcping-cmp bench --test up --test down --size 1GiB"},
		},
		Statuses: []manual.Status{{Code: "0", Meaning: "measured"}, trouble, signalled},
	},
	"doctor": {
		Examples: []manual.Example{
			{Does: "Look, and send nothing.", Command: "tcping-cmp doctor"},
			{Does: "Is the spare address for run --address really spare?", Command: "tcping-cmp doctor --interface eth0 --address 192.0.2.77"},
		},
		Statuses: []manual.Status{
			{Code: "0", Meaning: "everything works, if not always in the best way"},
			{Code: "1", Meaning: "a part of the program cannot work here"}, trouble,
		},
	},
	"version": {
		Examples: []manual.Example{{Does: "For a report about a mistake.", Command: "tcping-cmp version --format json"}},
		Statuses: []manual.Status{printed},
	},
	"completion": {
		Examples: []manual.Example{
			{Does: "For this bash; packages install it for all.", Command: "source <(tcping-cmp completion bash)"},
			{Does: "For zsh, in a folder of $fpath.", Command: "tcping-cmp completion zsh > ~/.zfunc/_tcping-cmp"},
			{Does: "For fish.", Command: "tcping-cmp completion fish > ~/.config/fish/completions/tcping-cmp.fish"},
			{Does: "Read the manual page.", Command: "tcping-cmp completion man | man -l -"},
		},
		Statuses: []manual.Status{printed, {Code: "2", Meaning: "there is no such shell"}},
	},
}
