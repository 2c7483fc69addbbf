module godwit.test/hpack

go 1.17

require golang.org/x/net v0.17.0
