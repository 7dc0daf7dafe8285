mantle_say_state
exit 0
