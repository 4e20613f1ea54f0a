"""All regular work of the house, in one list; `manage.py sync_schedules` carries it into the database."""

from core.schedules import Plan

SCHEDULES = [
    Plan("heartbeat", "后台心跳", "core.tasks.heartbeat", every=1),
    Plan("outbox", "补发消息", "notices.tasks.sweep", every=1),
    Plan("incoming", "提醒未登记的来件", "tickets.tasks.remind_incoming", every=1),
    Plan("wechat-media", "取回微信照片", "channels.tasks.fetch_wechat_media", every=1),
    Plan("mailbox", "收取报修邮件", "channels.tasks.poll_mailbox", every=1),
    Plan("clocks", "时限预警与超时", "tickets.tasks.watch_clocks", every=1),
    Plan("relay", "转房修提醒", "channels.tasks.tell_relays", every=1),
    Plan("alarms", "设备告警观察与汇总", "channels.tasks.look_after_alarms", every=1),
    Plan("words", "更新工单检索", "tickets.tasks.cut_words", every=1),
    Plan("classes", "类别巡查与审批提请", "tickets.tasks.watch_classes", every=5),
    Plan("coordination", "协作单催办", "coordination.tasks.watch", every=5),
    Plan("weekly", "生成周协调清单", "coordination.tasks.make_weekly_lists", cron="45 7 * * 1"),
    Plan("reports", "检查报表任务", "reports.tasks.sweep", every=5),
    Plan("imports", "检查数据导入", "channels.tasks.sweep_imports", every=5),
    Plan("import-files", "清理导入文件", "channels.tasks.throw_away_imports", cron="45 3 * * *"),
    Plan("deferred", "延期工单到期恢复", "tickets.tasks.undefer_due", cron="0 6 * * *"),
    Plan("digest", "每日简报", "tickets.tasks.daily_digest", cron="30 7 * * *"),
    Plan("peaks", "高峰预警", "reports.tasks.warn_of_peaks", cron="15 7 * * *"),
    Plan("archive", "闭环工单归档", "tickets.tasks.archive_closed", cron="0 2 * * *"),
    Plan("purge", "清理表单键与过期会话", "core.tasks.purge", cron="0 3 * * *"),
    Plan("orphans", "清理无主附件", "tickets.tasks.purge_orphans", cron="15 3 * * *"),
    Plan("codes", "清理登录验证码", "channels.tasks.purge_codes", cron="20 3 * * *"),
    Plan("results", "清理后台任务记录", "core.tasks.purge_results", cron="30 3 * * *"),
]
