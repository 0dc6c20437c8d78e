package field

import (
	"weir/flow"
	"weir/search"
)

// counted is Of for the counts of a record.
func (i *Info) counted(r *flow.Record) Value {
	s, d := &r.SrcSide, &r.DstSide
	health := r.HasHealth()
	switch i.Field {
	case search.FieldBytes:
		return number(r.Sent.Octets + r.Recv.Octets)
	case search.FieldSent:
		return number(r.Sent.Octets)
	case search.FieldRecv:
		return number(r.Recv.Octets)
	case search.FieldPackets:
		return number(r.Sent.Packets + r.Recv.Packets)
	case search.FieldSentPkts:
		return number(r.Sent.Packets)
	case search.FieldRecvPkts:
		return number(r.Recv.Packets)
	case search.FieldPayload:
		return number(r.Payload()).when(!r.Uncounted)
	case search.FieldSentPayload:
		return number(s.Payload).when(!r.Uncounted)
	case search.FieldRecvPayload:
		return number(d.Payload).when(!r.Uncounted)
	case search.FieldRetrans:
		return number(r.Retransmitted().Packets).when(health)
	case search.FieldSentRetrans:
		return number(s.Retransmitted.Packets).when(health)
	case search.FieldRecvRetrans:
		return number(d.Retransmitted.Packets).when(health)
	case search.FieldRetransBytes:
		return number(r.Retransmitted().Octets).when(health)
	case search.FieldOutOfOrder:
		return number(r.OutOfOrder()).when(health)
	case search.FieldZeroWindow:
		return number(r.ZeroWindows()).when(health)
	case search.FieldSYNRetries:
		return number(r.SYNRetries).when(r.Proto == flow.TCP)
	}
	return i.header(r)
}

// header is Of for times, and for fields of headers.
func (i *Info) header(r *flow.Record) Value {
	seq := func(s flow.Seq32) Value { return number(s.Value).when(s.Seen) }
	s, d := &r.SrcSide, &r.DstSide
	switch i.Field {
	case search.FieldStart:
		return number(r.Start.UnixNano()).when(!r.Start.IsZero())
	case search.FieldEnd:
		return number(r.Last.UnixNano()).when(!r.Open())
	case search.FieldDuration:
		return number(max(r.Duration(), 0))
	case search.FieldRTT:
		return number(r.RTT()).when(r.RTT() > 0)
	case search.FieldServerRTT:
		return number(r.ServerRTT).when(r.ServerRTT > 0)
	case search.FieldClientRTT:
		return number(r.ClientRTT).when(r.ClientRTT > 0)
	case search.FieldRTTMin:
		return number(r.RTTMin()).when(r.RTTMin() > 0)
	case search.FieldRTTMean:
		return number(r.RTTMean()).when(r.RTTMean() > 0)
	case search.FieldProto:
		return number(r.Proto)
	case search.FieldSport:
		return number(r.Src.Port).when(r.Proto.HasPorts())
	case search.FieldDport:
		return number(r.Dst.Port).when(r.Proto.HasPorts())
	case search.FieldFlags:
		return number(r.Flags()).when(r.HasFlags())
	case search.FieldSrcFlags:
		return number(s.Flags).when(r.HasFlags())
	case search.FieldDstFlags:
		return number(d.Flags).when(r.HasFlags())
	case search.FieldSrcTTL:
		return number(s.MinTTL).when(s.MinTTL > 0)
	case search.FieldDstTTL:
		return number(d.MinTTL).when(d.MinTTL > 0)
	case search.FieldSrcISN:
		return seq(s.ISN)
	case search.FieldDstISN:
		return seq(d.ISN)
	case search.FieldSrcIPID:
		return seq(s.IPID)
	case search.FieldDstIPID:
		return seq(d.IPID)
	case search.FieldTunnelID:
		return number(r.Tunnel.ID).when(r.Tunnel.Kind != flow.NoTunnel)
	case search.FieldICMPType:
		return number(r.ICMP.Type).when(r.Proto.IsICMP())
	case search.FieldICMPCode:
		return number(r.ICMP.Code).when(r.Proto.IsICMP())
	case search.FieldICMPID:
		return number(r.ICMPID).when(r.Proto.IsICMP())
	case search.FieldErrorType:
		return number(r.Error.Type.Type).when(r.Error.From.IsValid())
	case search.FieldErrorCode:
		return number(r.Error.Type.Code).when(r.Error.From.IsValid())
	case search.FieldID:
		return number(r.ID)
	}
	return Value{}
}
