package tcp
import ("testing";"time";"os";"math/rand/v2")
func TestZZ(t *testing.T){
 rng:=rand.New(rand.NewPCG(uint64(time.Now().UnixNano()),1))
 deadline:=time.Now().Add(60*time.Second)
 n:=0
 for time.Now().Before(deadline){
  b:=make([]byte, 100+rng.IntN(3900)); for i:=range b{ b[i]=byte(rng.Uint32()); if rng.IntN(3)==0 {b[i]&=15}}
  st:=time.Now()
  done:=make(chan bool)
  go func(){ defer close(done); fuzzOnce(t,b)}()
  select{case <-done: case <-time.After(5*time.Second): os.WriteFile("/tmp/slow.bin",b,0644); panic("slow")}
  if d:=time.Since(st); d>400*time.Millisecond { t.Log(d,len(b)); os.WriteFile("/tmp/slow.bin",b,0644)}
  if t.Failed() { os.WriteFile("/tmp/fail.bin",b,0644); return }
  n++
 }
 t.Log(n)
}
