package decode

// Limits on decoding one frame. They bound the work that a hostile frame can
// cause; ordinary traffic stays far below them.
const (
	maxDepth      = 16 // EtherTypes in one frame, all encapsulations together
	maxExtensions = 12 // IPv6 extension headers of one packet; RFC 8200, section 4.1 recommends at most 7
)

// minEthernetPayload is the minimum length of an Ethernet payload in octets;
// shorter ones are padded (IEEE 802.3, section 3.2.8).
const minEthernetPayload = 46

// Link types of the tcpdump.org registry (LINKTYPE_ values).
const (
	linkNull     = 0   // BSD loopback, address family in the byte order of the machine
	linkEthernet = 1   //
	linkPPP      = 9   // PPP, with or without address and control
	linkRaw12    = 12  // raw IP by the number of some BSDs (DLT_RAW)
	linkRaw14    = 14  // raw IP by the number of OpenBSD
	linkPPPHDLC  = 50  // PPP in HDLC framing, or Cisco HDLC
	linkPPPoE    = 51  // PPPoE session
	linkRaw      = 101 // raw IP, version in its first four bits
	linkCHDLC    = 104 // Cisco HDLC
	linkWLAN     = 105 // IEEE 802.11
	linkFrame    = 107 // Frame Relay
	linkLoop     = 108 // OpenBSD loopback, address family in network order
	linkSLL      = 113 // Linux "any", version 1
	linkRadiotap = 127 // IEEE 802.11 after a radiotap header
	linkIPv4     = 228 // raw IPv4
	linkIPv6     = 229 // raw IPv6
	linkIPNET    = 226 // Solaris ipnet
	linkNFLOG    = 239 // Linux netfilter log
	linkPPI      = 192 // per-packet information before another link type
	linkPKTAP    = 258 // macOS "pktap" and "any"
	linkPKTAPOld = 149 // the same, by a private-use number
	linkSLL2     = 276 // Linux "any", version 2
	linkBroadcom = 281 // Ethernet with a Broadcom switch tag after the addresses
	linkBrcmPre  = 282 // the same tag before the addresses
	linkDSA      = 284 // Ethernet with a Marvell switch tag after the addresses
	linkEDSA     = 285 // the same tag after an EtherType
)

// EtherTypes (IEEE registry).
const (
	etherLLCMax  = 1500 // maximum value of a length (IEEE 802.3, section 3.2.6)
	etherIPv4    = 0x0800
	etherARP     = 0x0806
	etherTEB     = 0x6558 // an Ethernet frame (transparent Ethernet bridging)
	etherRARP    = 0x8035
	etherVLAN    = 0x8100 // IEEE 802.1Q customer tag
	etherIPv6    = 0x86dd
	etherJumbo   = 0x8870 // LLC in jumbo frames
	etherSlow    = 0x8809
	etherPPP     = 0x880b
	etherMPLS    = 0x8847
	etherMPLSMC  = 0x8848 // upstream-assigned label
	etherPPPoED  = 0x8863 // discovery
	etherPPPoE   = 0x8864 // session
	etherEAPOL   = 0x888e
	etherQinQ    = 0x88a8 // IEEE 802.1ad service tag
	etherLLDP    = 0x88cc
	etherMACsec  = 0x88e5
	etherQinQOld = 0x9100 // service tag before 802.1ad

	etherTRILL      = 0x22f3 // RFC 6325
	etherPBB        = 0x88e7 // IEEE 802.1ah, MAC in MAC
	etherFabricPath = 0x8903 // Cisco FabricPath
	etherCMD        = 0x8909 // Cisco MetaData, the TrustSec group tag
	etherVNTag      = 0x8926 // Cisco VN-Tag
	etherETag       = 0x893f // IEEE 802.1BR
	etherNSH        = 0x894f // RFC 8300
	etherArista     = 0xd28b // Arista timestamps
)

// IP protocols and IPv6 extension headers without a constant in package flow (IANA).
const (
	protoHopByHop = 0
	protoDCCP     = 33
	protoRouting  = 43
	protoFragment = 44
	protoNoNext   = 59
	protoDestOpts = 60
	protoEtherIP  = 97
	protoMPLS     = 137
	protoEthernet = 143
	protoMobility = 135
	protoHIP      = 139
	protoShim6    = 140
)
