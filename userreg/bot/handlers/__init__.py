"""Who answers what: aiogram's routers. Each handler reads the question and sends the answer."""
