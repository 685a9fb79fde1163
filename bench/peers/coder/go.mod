module rightnow/bench/peers/coder

go 1.26.0

require rightnow/bench/peers/contract v0.0.0

require github.com/coder/websocket v1.8.15

replace rightnow/bench/peers/contract => ../contract
