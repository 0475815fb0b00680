// Package capture holds a recorded conversation, decoded without losing a
// byte. It reads pcap and pcapng files of anyone, picks the TCP conversations
// in them or in a tap.Recording, and writes pcapng.
//
// A frame is decoded once, to an Event of fixed size; its bytes stay where
// they are (in the file or in the recording) and are fetched again when
// somebody wants to see them. Headers are decoded with gopacket; what that
// loses is read from the bytes: reserved bits, malformed options, whether
// checksums are right, link padding.
//
// # Limitations
//
// IP fragments are shown but not put together, so a fragmented TCP segment
// counts for its first fragment only. IPsec, tunnels and compressed files are
// not looked into.
package capture
