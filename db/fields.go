package db

import "weir/search"

// numberField is what a Numbers term looks at: it holds if the guard holds and
// any of the values is in the ranges.
type numberField struct {
	guard  string   // "" for none
	values []string // SQL expressions of integers
}

// numberFields are the fields of search.Numbers. None of the columns is ever
// NULL where its guard holds, so that a negation is the plain opposite.
//
// An ICMP type is asked of ICMP and ICMPv6 only (echo reply has the number 0,
// which all others hold), a round trip only of handshakes that were seen
// whole. Ports compare as they are recorded: 0 where there are none.
var numberFields = map[search.Field]numberField{
	search.FieldSport:      {values: []string{"src_port"}},
	search.FieldDport:      {values: []string{"dst_port"}},
	search.FieldPort:       {values: []string{"src_port", "dst_port"}},
	search.FieldProto:      {values: []string{"proto"}},
	search.FieldBytes:      {values: []string{"sent_octets + recv_octets"}},
	search.FieldSent:       {values: []string{"sent_octets"}},
	search.FieldRecv:       {values: []string{"recv_octets"}},
	search.FieldPackets:    {values: []string{"sent_packets + recv_packets"}},
	search.FieldSentPkts:   {values: []string{"sent_packets"}},
	search.FieldRecvPkts:   {values: []string{"recv_packets"}},
	search.FieldDuration:   {values: []string{"duration_ns"}},
	search.FieldRTT:        {guard: "server_rtt_ns <> 0 AND client_rtt_ns <> 0", values: []string{"server_rtt_ns + client_rtt_ns"}},
	search.FieldServerRTT:  {guard: "server_rtt_ns <> 0", values: []string{"server_rtt_ns"}},
	search.FieldClientRTT:  {guard: "client_rtt_ns <> 0", values: []string{"client_rtt_ns"}},
	search.FieldVerdict:    {values: []string{"verdict"}},
	search.FieldEndReason:  {values: []string{"end_reason"}},
	search.FieldOpen:       {values: []string{"(end_reason = 0)"}},
	search.FieldDirection:  {values: []string{"direction"}},
	search.FieldVLAN:       {values: []string{"vlan_outer", "vlan_inner"}},
	search.FieldTunnel:     {values: []string{"tunnel_kind"}},
	search.FieldTunnelID:   {values: []string{"tunnel_id"}},
	search.FieldICMPType:   {guard: "proto IN (1, 58)", values: []string{"icmp_type"}},
	search.FieldICMPCode:   {guard: "proto IN (1, 58)", values: []string{"icmp_code"}},
	search.FieldICMPID:     {guard: "proto IN (1, 58)", values: []string{"icmp_id"}},
	search.FieldErrorType:  {guard: "length(error_ip) > 0", values: []string{"error_type"}},
	search.FieldErrorCode:  {guard: "length(error_ip) > 0", values: []string{"error_code"}},
	search.FieldSYNRetries: {values: []string{"syn_retries"}},
	search.FieldTTL:        {values: []string{"src_min_ttl", "dst_min_ttl"}},
	search.FieldSrcTTL:     {values: []string{"src_min_ttl"}},
	search.FieldDstTTL:     {values: []string{"dst_min_ttl"}},
	search.FieldISN:        eitherSeen("src_isn", "dst_isn"),
	search.FieldSrcISN:     {guard: "src_isn IS NOT NULL", values: []string{"src_isn"}},
	search.FieldDstISN:     {guard: "dst_isn IS NOT NULL", values: []string{"dst_isn"}},
	search.FieldIPID:       eitherSeen("src_ip_id", "dst_ip_id"),
	search.FieldSrcIPID:    {guard: "src_ip_id IS NOT NULL", values: []string{"src_ip_id"}},
	search.FieldDstIPID:    {guard: "dst_ip_id IS NOT NULL", values: []string{"dst_ip_id"}},
	search.FieldStart:      {values: []string{"start_ns"}},
	search.FieldEnd:        {guard: "end_reason <> 0", values: []string{"start_ns + duration_ns"}},
	search.FieldID:         {values: []string{"id"}},
}

// eitherSeen looks at two columns that may be NULL. Where one of them is, both
// values are the other, so that no comparison is NULL if the guard holds.
func eitherSeen(a, b string) numberField {
	return numberField{
		guard:  a + " IS NOT NULL OR " + b + " IS NOT NULL",
		values: []string{"ifnull(" + a + ", " + b + ")", "ifnull(" + b + ", " + a + ")"},
	}
}

// addrFields are the fields of search.Addrs.
var addrFields = map[search.Field][]string{
	search.FieldSrc: {"src_ip"},
	search.FieldDst: {"dst_ip"},
	search.FieldIP:  {"src_ip", "dst_ip"},

	search.FieldErrorIP: {"error_ip"},
}

// nameFields are the fields of search.Names.
var nameFields = map[search.Field][]string{
	search.FieldNode:      {"node_id"},
	search.FieldSnode:     {"src_node_id"},
	search.FieldDnode:     {"dst_node_id"},
	search.FieldAnyNode:   {"node_id", "src_node_id", "dst_node_id"},
	search.FieldInterface: {"interface_id"},
}

// flagFields are the fields of search.FlagTest.
var flagFields = map[search.Field]string{
	search.FieldFlags:    "(src_flags | dst_flags)",
	search.FieldSrcFlags: "src_flags",
	search.FieldDstFlags: "dst_flags",
}
