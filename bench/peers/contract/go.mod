module rightnow/bench/peers/contract

go 1.26.0
